import type { ReactNode } from 'react';
import { useSession } from '../session/SessionProvider';
import { SignIn } from '../session/SignIn';
import { Workplace } from './Workplace';

/** The desk that the default program routes every alert to. */
const defaultDesk = 'default';

export function App(): ReactNode {
  const { session } = useSession();
  // Another session starts with an empty page: nothing of the one before may remain on screen.
  return session === null ? <SignIn /> : <Workplace key={session.accessToken} desk={defaultDesk} token={session.accessToken} />;
}
