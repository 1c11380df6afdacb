using OrleansCrm.Breaking.Tests.Dangers;

namespace OrleansCrm.Breaking.Tests;

/// <summary>SQLite in a directory of its own, on the disk or on a small file system that can be filled.</summary>
internal sealed class SqliteStage : Stage
{
    private readonly SmallDisk? _disk;
    private readonly string _directory;
    private bool _isKept;

    private SqliteStage(SmallDisk? disk)
    {
        _disk = disk;
        _directory = disk?.Directory ?? Directory.CreateTempSubdirectory("orleanscrm-kill-").FullName;
    }

    public override string Data => Path.Combine(_directory, "data");

    public override string Remains => Data;

    protected override string[] Arguments => ["--data", Data];

    protected override Task<string[]> ElsewhereAsync(string data) => Task.FromResult<string[]>(["--data", data]);

    /// <param name="small">On a file system of its own, where this user may have one.</param>
    public static async Task<Stage> OpenAsync(bool small) => new SqliteStage(small ? await SmallDisk.TryMountAsync() : null);

    public override Danger[] DrawDangers(Random random) =>
        [new TornLog(), new UnheardCommit(), new SecondServer(), .. _disk is null ? (Danger[])[] : [new FullDisk(_disk)]];

    public override void Keep() => _isKept = true;

    public override async ValueTask DisposeAsync()
    {
        if (_isKept)
            return;
        if (_disk is not null)
            await _disk.DisposeAsync();
        else
            Directory.Delete(_directory, recursive: true);
    }
}
