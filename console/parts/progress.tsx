/** A share of the way, 0 to 1, with its words. */
export function Progress({ label, share }: { label: string; share: number }) {
  const whole = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <div
      class="progress"
      role="progressbar"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={whole}
      aria-label={label}
    >
      <span class="bar">
        <span class="fill" style={{ width: `${whole}%` }} />
      </span>
      <span class="quiet">{`${label} · ${whole}\u00a0%`}</span>
    </div>
  );
}
