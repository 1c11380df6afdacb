using OrleansCrm.Journal;
using OrleansCrm.Journal.Accounts;
using OrleansCrm.Journal.Quarantine;
using OrleansCrm.Journal.Sqlite;
using OrleansCrm.Journal.Tests;
using OrleansCrm.Simulation.Tests.Store;

namespace OrleansCrm.Simulation.Tests.Conformance;

/// <summary>The journal that the simulation runs on does what every database has to do.</summary>
public sealed class SimulatedJournalConformanceTests : JournalConformance
{
    protected override async Task<JournalUnderTest> CreateAsync(int partitions)
    {
        var test = new Simulated(partitions);
        await test.CrashAndReopenAsync();
        return test;
    }

    /// <summary>Accounts and quarantine are no part of a simulation: those are SQLite's.</summary>
    private sealed class Simulated(int partitions) : JournalUnderTest
    {
        private readonly string _directory = Directory.CreateTempSubdirectory("orleanscrm-").FullName;
        private readonly JournalStore _store = new(partitions);
        private SqliteDatabase? _database;
        private SimulatedJournal? _journal;

        public override IJournal Journal => _journal!;

        public override IAccountStore Accounts => _database!.Accounts;

        public override IQuarantineStore Quarantine => _database!.Quarantine;

        public override async Task CrashAndReopenAsync()
        {
            await CloseAsync();
            _database = await SqliteJournal.OpenAsync(new SqliteJournalOptions { Directory = _directory }, CancellationToken.None);
            _journal = new SimulatedJournal(_store, new PromptPace());
        }

        public override async ValueTask DisposeAsync()
        {
            await CloseAsync();
            Directory.Delete(_directory, recursive: true);
        }

        private async Task CloseAsync()
        {
            if (_database is not null)
                await _database.DisposeAsync();
        }
    }
}
