import { Button, Modal } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { Page as PageOf } from '../api/customers';
import { getKeys, revokeKey, type AccessKey } from '../api/keys';
import { Notice } from '../app/Notice';
import { Failure, failureText, Page, Table, Tag } from '../app/Page';
import { usePages } from '../app/usePages';
import { formatDate, formatInstant } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import { NewKeyDialog } from './NewKeyDialog';
import classes from './KeysPage.module.css';
import page from '../app/Page.module.css';

/** What other systems sign in with. */
export function KeysPage(): ReactNode {
  const texts = useTexts();
  const words = texts.keys;
  const { http } = useSession();
  const list = usePages<AccessKey, PageOf<AccessKey>>('keys', (after, signal) => getKeys(http, after, signal));
  const [adding, setAdding] = useState(false);
  const [revoking, setRevoking] = useState<AccessKey | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  const revoke = async (key: AccessKey): Promise<void> => {
    setRevoking(null);
    try {
      await revokeKey(http, key.id);
      list.reload();
    } catch (failure) {
      setProblem(failureText(failure, texts.page));
    }
  };
  return (
    <Page title={words.title} lead={words.lead}>
      <div className={page.bar}>
        <Button onClick={() => setAdding(true)}>{words.add}</Button>
      </div>
      {problem !== null && (
        <Notice tone="warn" onClose={() => setProblem(null)}>
          {problem}
        </Notice>
      )}
      {list.error !== null && <Failure error={list.error} onRetry={list.reload} />}
      {list.head !== null && list.items.length === 0 && <p className={page.empty}>{words.none}</p>}
      {list.items.length > 0 && <Keys keys={list.items} onRevoke={setRevoking} />}
      {list.hasMore && (
        <div className={page.after}>
          <Button variant="default" loading={list.loading} onClick={list.more}>
            {texts.page.more}
          </Button>
        </div>
      )}
      <NewKeyDialog opened={adding} onClose={() => setAdding(false)} onMade={list.reload} />
      <Modal opened={revoking !== null} onClose={() => setRevoking(null)} title={words.revokeTitle} closeButtonProps={{ 'aria-label': texts.page.cancel }}>
        <p className={classes.text}>{words.revokeText(revoking?.name ?? '')}</p>
        <div className={classes.buttons}>
          <Button variant="default" data-autofocus onClick={() => setRevoking(null)}>
            {texts.page.cancel}
          </Button>
          <Button color="red" onClick={() => revoking !== null && void revoke(revoking)}>
            {words.revoke}
          </Button>
        </div>
      </Modal>
    </Page>
  );
}

function Keys({ keys, onRevoke }: { readonly keys: readonly AccessKey[]; readonly onRevoke: (key: AccessKey) => void }): ReactNode {
  const texts = useTexts();
  const words = texts.keys;
  return (
    <Table caption={words.table}>
      <thead>
        <tr>
          <th scope="col">{words.columns.name}</th>
          <th scope="col">{words.columns.kind}</th>
          <th scope="col">{words.columns.scopes}</th>
          <th scope="col">{words.columns.created}</th>
          <th scope="col">{words.columns.used}</th>
          <th scope="col">{words.columns.expires}</th>
          <th scope="col">
            <span className={classes.spoken}>{words.revoke}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => {
          const name = key.name === '' ? words.unnamed : key.name;
          return (
            <tr key={key.id}>
              <th scope="row" className={page.break}>
                {name}
              </th>
              <td className={page.nowrap}>{words.kinds[key.kind] ?? key.kind}</td>
              <td>
                <span className={classes.scopes}>
                  {key.scopes.map((scope) => (
                    <Tag key={scope} tone={scope === 'admin' ? 'high' : 'plain'}>
                      {scope}
                    </Tag>
                  ))}
                </span>
              </td>
              <td className={page.nowrap}>{key.createdAt !== null && formatDate(texts, key.createdAt)}</td>
              <td className={page.nowrap}>{key.lastUsedAt === null ? words.never : formatInstant(texts, key.lastUsedAt)}</td>
              <td className={page.nowrap}>{key.expiresAt === null ? words.never : formatInstant(texts, key.expiresAt)}</td>
              <td>
                <Button size="xs" variant="default" aria-label={`${words.revoke}: ${name}`} onClick={() => onRevoke(key)}>
                  {words.revoke}
                </Button>
              </td>
            </tr>
          );
        })}
      </tbody>
    </Table>
  );
}
