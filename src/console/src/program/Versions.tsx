import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Page } from '../api/customers';
import { getProgramVersions, type ProgramVersion } from '../api/program';
import { Failure, Table, Tag } from '../app/Page';
import { usePages } from '../app/usePages';
import { formatInstant } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import classes from './ProgramPage.module.css';
import page from '../app/Page.module.css';

/** What the rules have been. */
export function Versions({ published }: { readonly published: number }): ReactNode {
  const texts = useTexts();
  const words = texts.program;
  const { http } = useSession();
  const versions = usePages<ProgramVersion, Page<ProgramVersion>>(`versions ${published}`, (after, signal) => getProgramVersions(http, after, signal));
  return (
    <section className={classes.report} aria-label={words.versions}>
      <h2 className={page.section}>{words.versions}</h2>
      {versions.error !== null && <Failure error={versions.error} onRetry={versions.reload} />}
      {versions.items.length > 0 && (
        <Table caption={words.versions}>
          <thead>
            <tr>
              <th scope="col">{words.versions}</th>
              <th scope="col">{words.publishedAt}</th>
            </tr>
          </thead>
          <tbody>
            {versions.items.map((version) => (
              <tr key={version.version}>
                <th scope="row">
                  {words.version(version.version)} {version.current && <Tag tone="good">{words.inForce}</Tag>}
                </th>
                <td>{version.publishedAt === null ? words.byDefault : formatInstant(texts, version.publishedAt)}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      {versions.hasMore && (
        <div className={page.after}>
          <Button variant="default" loading={versions.loading} onClick={versions.more}>
            {texts.page.more}
          </Button>
        </div>
      )}
    </section>
  );
}
