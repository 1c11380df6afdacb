using OrleansCrm.Journal.Postgres;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.Verification;

/// <summary>What <c>verify</c> was asked to do.</summary>
internal sealed record VerifyOptions
{
    /// <summary>Directory of the database; a server may be running on it.</summary>
    public string Data { get; init; } = "./data";

    /// <summary>Connection string of a PostgreSQL database in place of <see cref="Data"/>.</summary>
    public string? Database { get; init; }

    /// <summary>Directory of archive files whose entries are folded too; null: without them.</summary>
    public string? Archive { get; init; }

    /// <summary>
    /// Customers of a partition whose states are in memory at once; a partition with more is read several times. Default 200,000: some
    /// hundred megabytes. Range 1 to 10,000,000.
    /// </summary>
    public int CustomersPerPassMax { get; init; } = 200_000;

    /// <summary>Differences that are told one by one; the rest is only counted. Default 20, range 1 to 10,000.</summary>
    public int DifferencesShown { get; init; } = 20;

    /// <summary>What is wrong with the values, for the person who typed them; null when nothing is.</summary>
    public string? FindFault() => this switch
    {
        { Database: { } database } when !PostgresJournal.IsConnectionString(database) => ServerOptions.ConnectionFault,
        { Data: "" } => "--data takes a directory",
        { CustomersPerPassMax: < 1 or > 10_000_000 } => "CustomersPerPassMax takes 1 to 10,000,000",
        { DifferencesShown: < 1 or > 10_000 } => "DifferencesShown takes 1 to 10,000",
        _ => null,
    };
}
