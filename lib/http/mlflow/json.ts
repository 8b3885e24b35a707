/** JSON as protobuf writes it: NaN and the infinities, which JSON lacks, are texts. Undefined is left out. */
export function mlflowJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'number' && !Number.isFinite(inner) ? String(inner) : inner,
  );
}
