/** The mark: a grove of two. */
export const Trees = () => (
  <svg viewBox="0 0 56 56" fill="currentColor" aria-hidden="true">
    <path d="M19 6 6 26h7L4 40h13v9h4v-9h13l-9-14h7z" />
    <path d="m41 17-8 13 6 9h-4v10h4v-7h13l-6-10h5z" opacity=".55" />
  </svg>
);
