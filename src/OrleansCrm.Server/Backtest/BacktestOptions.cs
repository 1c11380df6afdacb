using OrleansCrm.Server.Auth;

namespace OrleansCrm.Server.Backtest;

/// <summary>What is replayed, and where it is cut.</summary>
internal sealed record BacktestOptions
{
    /// <summary>
    /// History: lines of <c>customer other yyyymmdd quantity amount</c> (the CDNOW master), or an Online Retail CSV; <c>.gz</c> too. A directory
    /// is that of a database: then the history is that of its customers.
    /// </summary>
    public required string Data { get; init; }

    /// <summary>Connection string of a PostgreSQL database in place of <see cref="Data"/>.</summary>
    public string? Database { get; init; }

    /// <summary>Whose customers, where the history is that of a database.</summary>
    public string Tenant { get; init; } = FirstRun.Tenant;

    /// <summary>The last day that the models may see.</summary>
    public required DateOnly Calibrate { get; init; }

    /// <summary>Days after it that they are judged by; 1 to 3,650.</summary>
    public required int HorizonDays { get; init; }

    /// <summary>File for the results as JSON; null for none.</summary>
    public string? Json { get; init; }

    /// <summary>File for the plots as SVG; null for none.</summary>
    public string? Svg { get; init; }

    /// <summary>What is wrong with the options, or null.</summary>
    public string? FindFault() => HorizonDays is < 1 or > 3_650 ? "--horizon is 1 to 3,650 days" : null;
}
