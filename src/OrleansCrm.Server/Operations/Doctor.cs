using OrleansCrm.Journal;
using OrleansCrm.Journal.Postgres;
using OrleansCrm.Server.CommandLine;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.Operations;

/// <summary>The verb <c>doctor</c>: looks at everything that a server needs, changes nothing, and says what to do.</summary>
internal sealed class Doctor(ServerOptions options, IConfiguration settings, TimeProvider time)
{
    private const long Mebibyte = 1024 * 1024;

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>A full disk stops the engine; this much is minutes of ingest at full speed.</summary>
    private const long FreeBytesMin = 1024 * Mebibyte;

    private const long FreeBytesGood = 10 * FreeBytesMin;

    private static readonly TimeSpan SkewMax = TimeSpan.FromSeconds(2);

    /// <summary>How long a running server may take to say how it is.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SyncGood = TimeSpan.FromMilliseconds(20);

    /// <returns>Exit code: 0 nothing is bad, 1 something is.</returns>
    public async Task<int> RunAsync(TextWriter output, CancellationToken cancellation)
    {
        var isBad = false;
        await foreach (var finding in LookAsync(cancellation))
        {
            isBad |= finding.Verdict == Verdict.Bad;
            var word = finding.Verdict switch { Verdict.Good => "ok", Verdict.Doubtful => "warn", _ => "FAIL" };
            await output.WriteLineAsync($"{word,-5} {finding.Subject,-14} {finding.Seen}");
            if (finding.Advice.Length > 0)
                await output.WriteLineAsync($"      {"",-14} -> {finding.Advice}");
        }

        return isBad ? ExitCodes.Failed : ExitCodes.Done;
    }

    private async IAsyncEnumerable<Finding> LookAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        yield return LookAtConfiguration();
        foreach (var unknown in UnknownSettings.Find(settings))
            yield return new Finding("configuration", Verdict.Doubtful, $"{unknown} is set and means nothing", "check the spelling: docs/operations.md names every setting that is often needed");
        yield return LookAtMachine();
        yield return LookAtFileLimit();
        yield return LookAtClock();
        foreach (var finding in LookAtDirectory())
            yield return finding;
        if (options.Database is { } connection)
        {
            await foreach (var finding in LookAtPostgresAsync(connection, cancellation))
                yield return finding;
        }

        yield return await LookAtJournalAsync(cancellation);
        await foreach (var finding in LookAtServerAsync(cancellation))
            yield return finding;
    }

    private Finding LookAtConfiguration() => options.FindFault() is { } fault
        ? new Finding("configuration", Verdict.Bad, fault, "correct it; serve refuses to start with it")
        : new Finding("configuration", Verdict.Good, options.Database is { } database
            ? $"everything in {PostgresJournal.Describe(database)}"
            : $"everything in {Path.GetFullPath(options.Data)}");

    private static Finding LookAtMachine()
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return memory >= 1024 * Mebibyte
            ? new Finding("machine", Verdict.Good, $"{Environment.ProcessorCount} cores, {memory / Mebibyte:#,0} MiB for this process")
            : new Finding("machine", Verdict.Doubtful, $"{memory / Mebibyte:#,0} MiB for this process", "give it 1 GiB or more; docs/capacity.md has the formula");
    }

    private Finding LookAtFileLimit()
    {
        const string Limits = "/proc/self/limits";
        const string Row = "Max open files";
        if (!OperatingSystem.IsLinux() || File.ReadLines(Limits).FirstOrDefault(l => l.StartsWith(Row, StringComparison.Ordinal)) is not { } line
            || !long.TryParse(line[Row.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], out var files))
            return new Finding("open files", Verdict.Good, "no limit known");
        return files > options.ConnectionsMax
            ? new Finding("open files", Verdict.Good, $"{files:#,0}")
            : new Finding("open files", Verdict.Doubtful, $"{files:#,0}, and connections may be {options.ConnectionsMax:#,0}", "raise the limit: LimitNOFILE= in systemd, ulimit -n in a shell");
    }

    private Finding LookAtClock() => ClockState.IsSynchronised switch
    {
        false => new Finding("clock", Verdict.Doubtful, $"{time.GetUtcNow():u}, not synchronised", "run chrony or systemd-timesyncd: wakes fire by this clock, and a jump of a minute holds them"),
        true => new Finding("clock", Verdict.Good, $"{time.GetUtcNow():u}, synchronised"),
        null => new Finding("clock", Verdict.Good, $"{time.GetUtcNow():u}, synchronisation unknown"),
    };

    private IEnumerable<Finding> LookAtDirectory()
    {
        var directory = Path.GetFullPath(options.Data);
        if (!Directory.Exists(directory))
        {
            yield return new Finding("directory", Verdict.Good, $"{directory} is not there yet; serve makes it");
            yield break;
        }

        if (!OperatingSystem.IsWindows())
        {
            var open = new List<string>();
            foreach (var file in Directory.EnumerateFiles(directory))
            {
                if ((File.GetUnixFileMode(file) & Others) != 0)
                    open.Add(Path.GetFileName(file));
            }

            yield return open.Count == 0
                ? new Finding("permissions", Verdict.Good, "nobody else can read the files")
                : new Finding("permissions", Verdict.Doubtful, $"others can read {string.Join(", ", open)}", $"chmod 600 them, and chmod 700 {directory}");
        }

        var free = new DriveInfo(directory).AvailableFreeSpace;
        var verdict = free < FreeBytesMin ? Verdict.Bad : free < FreeBytesGood ? Verdict.Doubtful : Verdict.Good;
        yield return new Finding("disk", verdict, $"{free / Mebibyte:#,0} MiB free under {directory}", verdict == Verdict.Good ? "" : "free some space or grow the disk: without any the engine answers 503 to every event");
        yield return SyncTime.Measure(directory, time) switch
        {
            null => new Finding("disk writes", Verdict.Bad, $"{directory} cannot be written", "give the directory to the user that serves: chown"),
            { } took when took > SyncGood => new Finding("disk writes", Verdict.Doubtful, $"a write is durable after {took.TotalMilliseconds:0.0} ms", "each commit waits for that: use a local SSD instead of network storage"),
            { } took => new Finding("disk writes", Verdict.Good, $"a write is durable after {took.TotalMilliseconds:0.0} ms"),
        };
    }

    private async IAsyncEnumerable<Finding> LookAtPostgresAsync(string connection, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        PostgresProbe? probe = null;
        Finding? trouble = null;
        try
        {
            probe = await PostgresProbe.AskAsync(connection, cancellation);
        }
        catch (JournalException e)
        {
            trouble = new Finding("PostgreSQL", Verdict.Bad, e.Message, "start it, or correct ORLEANSCRM_DATABASE; serve waits for no database at its start");
        }

        if (probe is null)
        {
            yield return trouble!;
            yield break;
        }

        yield return new Finding("PostgreSQL", Verdict.Good, $"version {probe.Version}, {probe.Bytes / Mebibyte:#,0} MiB, {probe.ConnectionsMax} connections");
        var skew = (probe.Now - time.GetUtcNow()).Duration();
        if (skew > SkewMax)
            yield return new Finding("clock", Verdict.Doubtful, $"PostgreSQL's is {skew.TotalSeconds:0} s away", "synchronise both machines");
        if (!probe.CanCreate)
            yield return new Finding("permissions", Verdict.Bad, "the user may not make the schema orleanscrm", "GRANT CREATE ON DATABASE ... TO the user");
        if (probe.Encoding != "UTF8")
            yield return new Finding("PostgreSQL", Verdict.Bad, $"the encoding is {probe.Encoding}", "make the database with ENCODING 'UTF8'");
        if (!probe.Fsync)
            yield return new Finding("PostgreSQL", Verdict.Bad, "fsync is off: a power cut loses what was acknowledged", "set fsync = on");
        if (!probe.SynchronousCommit)
            yield return new Finding("PostgreSQL", Verdict.Doubtful, "synchronous_commit is off; our sessions turn it on", "set it on for whoever else writes here");
        if (probe.WalSizeMaxMiB < 4096)
            yield return new Finding("PostgreSQL", Verdict.Doubtful, $"max_wal_size is {probe.WalSizeMaxMiB:#,0} MiB", "16 GB under load: else checkpoints cost half a second now and then");
    }

    private async Task<Finding> LookAtJournalAsync(CancellationToken cancellation)
    {
        try
        {
            await using var database = await ReadOnlyDatabase.OpenAsync(options.Data, options.Database, cancellation);
            var tenants = await database.Accounts.ReadTenantsAsync(cancellation);
            var identity = database.Journal.Identity;
            return new Finding("journal", Verdict.Good, $"schema {identity.Schema}, {identity.Partitions} partitions, {tenants.Length} tenants");
        }
        catch (JournalOpenException e) when (e.IsAbsent)
        {
            return new Finding("journal", Verdict.Good, "none yet; serve makes it");
        }
        catch (JournalException e)
        {
            return new Finding("journal", Verdict.Bad, e.Message, "an older or newer program may be the right one; a damaged database is restored from a backup");
        }
    }

    private async IAsyncEnumerable<Finding> LookAtServerAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        if (ListenAddress.FindFault(options) is not null)
            yield break;
        using var http = new HttpClient { Timeout = AnswerMax };
        foreach (var address in ListenAddress.ParseAll(options.Urls))
            yield return await LookAtServerAsync(http, address, cancellation);
    }

    private static async Task<Finding> LookAtServerAsync(HttpClient http, ListenAddress address, CancellationToken cancellation)
    {
        try
        {
            using var answer = await http.GetAsync(address.Url.TrimEnd('/').Replace("0.0.0.0", "127.0.0.1").Replace("[::]", "[::1]") + "/health/ready", cancellation);
            var said = await answer.Content.ReadAsStringAsync(cancellation);
            return answer.IsSuccessStatusCode
                ? new Finding("server", Verdict.Good, $"{address.Url} is ready")
                : new Finding("server", Verdict.Doubtful, $"{address.Url} says {(int)answer.StatusCode}: {said}", "status names the reason; docs/operations.md says what to do for each");
        }
        catch (Exception e) when (e is HttpRequestException or UriFormatException)
        {
            return new Finding("server", Verdict.Good, $"none at {address.Url}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new Finding("server", Verdict.Doubtful, $"{address.Url} does not answer within {AnswerMax.TotalSeconds:0} s", "look at its log and at what else the machine does");
        }
    }
}
