import { render } from 'preact';
import { registerPages } from './app/pages.ts';
import { resume } from './app/session.ts';
import { Shell } from './app/shell.tsx';
import { applyTheme } from './app/theme.ts';
import { keepTime } from './lib/now.ts';
import { followAddress } from './lib/router.ts';
import { pages } from './pages/index.ts';
import { ErrorBox } from './parts/states.tsx';

/** The page at `/`: takes the pages that there are, signs in with the tab's token, and draws. */

const root = document.getElementById('app') as HTMLElement;

async function start(): Promise<void> {
  try {
    await resume();
    render(<Shell />, root);
  } catch (error) {
    // The token may be good, but the API does not answer: nothing is forgotten.
    const again = () => {
      render(null, root);
      return start();
    };
    render(
      <main id="main">
        <h1>This cannot be shown</h1>
        <ErrorBox error={error} retry={again} />
      </main>,
      root,
    );
  }
}

registerPages(pages);
applyTheme();
followAddress();
keepTime();
void start();
