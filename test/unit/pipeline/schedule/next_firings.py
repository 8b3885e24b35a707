"""Next firings by pyawscron 1.0.7 (PyPI), for schedule.test.ts: python next_firings.py > next-firings.json

Expressions that it cannot answer (the 31st of a month that has none, `L` in day-of-week) are left out."""
import json, random
from datetime import datetime, timezone
from pyawscron import AWSCron

EXPRESSIONS = [
    "0 3 * * ? *", "45 3 * * ? *", "0/15 * * * ? *", "*/20 8-17 ? * MON-FRI *", "0 10 L * ? *", "0 18 ? * 6L *",
    "30 9 ? * 3#2 *", "0 12 15W * ? *", "0 0 1W * ? *", "0 0 31W * ? *", "15 22 29 2 ? *", "5,35 14 * JAN,JUL ? *",
    "0 0 1 1 ? 2030-2040/5", "0 8 ? * 2#5 *", "10 0/6 1-7 */3 ? *", "0 0 ? * SUN *", "59 23 31 * ? *",
    "7 5 ? FEB 7 2027",
]
random.seed(7)
rows = []
for expression in EXPRESSIONS:
    for _ in range(6):
        after = datetime(random.randint(2026, 2032), random.randint(1, 12), random.randint(1, 28),
                         random.randint(0, 23), random.randint(0, 59), tzinfo=timezone.utc)
        try:
            found = AWSCron(expression).occurrence(after).next()
        except Exception:
            continue
        text = lambda time: time.isoformat().replace("+00:00", "Z")
        rows.append(json.dumps([expression, text(after), None if found is None else text(found)]))
print("[\n  " + ",\n  ".join(rows) + "\n]")
