using OrleansCrm.Journal;
using OrleansCrm.Journal.Postgres;
using OrleansCrm.Journal.Sqlite;
using OrleansCrm.Journal.Tests;

// The process that tests start and kill: opens a data directory or a PostgreSQL database for itself alone, says so, and holds it or appends
// to it until it is gone. Each line "partition-offset" names an entry whose append has been acknowledged.
IJournalDatabase database = args[1].Contains('=')
    ? await PostgresJournal.OpenAsync(new PostgresJournalOptions { ConnectionString = args[1], Exclusive = true }, CancellationToken.None)
    : await SqliteJournal.OpenAsync(new SqliteJournalOptions { Directory = args[1] }, CancellationToken.None);
var output = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });
output.WriteLine("open");
if (args[0] == "append")
{
    await Task.WhenAll(Enumerable.Range(0, database.Journal.Identity.Partitions).Select(async partition =>
    {
        var (epoch, head, _, _) = await database.Journal.TakeOverAsync(partition, CancellationToken.None);
        for (var count = 1; ; count = count % 5 + 1)
        {
            await database.Journal.AppendAsync(partition, epoch, head, Rows.Entries(partition, head, count), CancellationToken.None);
            head += count;
            output.WriteLine($"{partition}-{head - 1}");
        }
    }));
}

await Task.Delay(Timeout.Infinite);
