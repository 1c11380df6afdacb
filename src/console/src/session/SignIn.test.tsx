import { fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, it, vi, describe } from 'vitest';
import { renderPage } from '../testing/render';
import { useSession } from './SessionProvider';
import { SignIn } from './SignIn';

function Page() {
  const { session, end } = useSession();
  return session === null ? <SignIn /> : <button onClick={end}>{`in as ${session.agent ?? 'unknown'}`}</button>;
}

const answers = (answer: () => Response) => vi.spyOn(window, 'fetch').mockImplementation(() => Promise.resolve(answer()));
const opened = () => Response.json({ accessToken: 't', expiresIn: 3600, role: 'agent' });

function submit(email: string, password: string): void {
  fireEvent.change(screen.getByLabelText('Email'), { target: { value: email } });
  fireEvent.change(screen.getByLabelText('Password'), { target: { value: password } });
  fireEvent.submit(screen.getByRole('form'));
}

describe('SignIn', () => {
  it('opens a session for this tab alone', async () => {
    const fetched = answers(opened);
    renderPage(<Page />);
    submit('ada@example.com', 'secret');
    expect(await screen.findByText('in as ada@example.com')).toBeTruthy();
    expect(fetched.mock.calls[0]?.[0]).toBe('/v1/sessions');
    expect(window.sessionStorage.length).toBe(1);
    expect(JSON.stringify({ ...window.localStorage })).not.toContain('accessToken');
  });

  it('says that the password is wrong', async () => {
    answers(() => Response.json({ code: 'invalid_credentials' }, { status: 401 }));
    renderPage(<Page />);
    submit('ada@example.com', 'guess');
    expect(await screen.findByText('Email or password is not right.')).toBeTruthy();
  });

  it('says that nobody answers', async () => {
    vi.spyOn(window, 'fetch').mockRejectedValue(new TypeError('failed'));
    renderPage(<Page />);
    submit('ada@example.com', 'secret');
    expect(await screen.findByText(/does not answer/)).toBeTruthy();
  });

  it('redeems a link once', async () => {
    const fetched = answers(opened);
    renderPage(<Page />, 'single-use');
    await waitFor(() => expect(screen.getByText('in as unknown')).toBeTruthy());
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(fetched.mock.calls[0]?.[0]).toBe('/v1/sessions/link');
    expect(fetched.mock.calls[0]?.[1]?.body).toBe('{"token":"single-use"}');
  });

  it('falls back to the password when the link was used before', async () => {
    answers(() => Response.json({ code: 'link_used' }, { status: 401 }));
    renderPage(<Page />, 'used');
    expect(await screen.findByText(/already used/)).toBeTruthy();
    expect(screen.getByLabelText('Password')).toBeTruthy();
  });

  it('is back, with the reason, when the session ends', async () => {
    answers(opened);
    renderPage(<Page />);
    submit('ada@example.com', 'secret');
    fireEvent.click(await screen.findByText('in as ada@example.com'));
    expect(await screen.findByText(/session has ended/)).toBeTruthy();
    expect(window.sessionStorage.length).toBe(0);
  });
});
