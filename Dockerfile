# One model behind HTTP: GET /health, POST /predict, /docs. Nothing is installed in the image.
#
#   npm ci && npm run bundle:server
#   npx arboleda train --data data/housing/ames_rooms_area_age.csv.gz --target price --out model
#   docker build -t housing .
#   docker run -p 8000:8000 -e ARBOLEDA_TOKEN=choose-one housing
#
# Another model: --build-arg MODEL=DIR, or mount a folder over /app/model.
FROM node:24-slim

ARG MODEL=model
ENV NODE_ENV=production

WORKDIR /app
COPY dist/server/ ./
COPY ${MODEL}/ ./model/

USER node
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8000/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]

CMD ["node", "arboleda.mjs", "serve", "--model", "model", "--host", "0.0.0.0", "--port", "8000"]
