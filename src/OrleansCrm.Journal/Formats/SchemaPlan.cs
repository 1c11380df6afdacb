namespace OrleansCrm.Journal.Formats;

/// <summary>The version of the tables that this program works with, and the way to it from older ones.</summary>
/// <param name="Version">What the program makes, reads and writes.</param>
/// <param name="Steps">
/// SQL, one text for each version: the last makes <paramref name="Version"/> of the one before, and so on back. All that a database lacks are
/// run in one transaction when it is opened for writing. New tables are made the same way, from the oldest version on, so that they are those of
/// a database that has come all the way. What has been released, the oldest tables or a step, is never changed.
/// </param>
internal sealed record SchemaPlan(int Version, params string[] Steps)
{
    private int Oldest => Version - Steps.Length;

    /// <summary>What leads from the oldest tables to those of that version, in order.</summary>
    public ReadOnlySpan<string> StepsTo(long version) => Steps.AsSpan(0, (int)(version - Oldest));

    /// <summary>What a database of that version lacks, in order.</summary>
    public ReadOnlySpan<string> StepsFrom(long version) => Steps.AsSpan((int)(version - Oldest));

    /// <param name="what">The database, for people.</param>
    /// <param name="mayUpgrade">Whether older tables may be changed now.</param>
    /// <exception cref="JournalOpenException">Tables of this version cannot be used; the message says what to do.</exception>
    public void Require(long version, string what, bool mayUpgrade)
    {
        var trouble = version switch
        {
            _ when version > Version =>
                $"is written by a newer program: it has schema version {version}, this program knows version {Version}. Run the program that wrote it, or restore a backup from before its upgrade.",
            _ when version < Oldest =>
                $"is of an older layout: it has schema version {version}, this program upgrades from version {Oldest} to version {Version}. Serve it once with a program in between.",
            _ when version < Version && !mayUpgrade =>
                $"is yet to be upgraded from schema version {version} to version {Version}. Serve it once with this program, or use the one that wrote it.",
            _ => null,
        };
        if (trouble is not null)
            throw new JournalOpenException($"{what} {trouble} It was left as it is.");
    }
}
