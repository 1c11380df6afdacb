using OrleansCrm.Grains.Partitions;
using OrleansCrm.Journal.Postgres;
using OrleansCrm.Journal.Sqlite;
using OrleansCrm.Server.Alerts;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Customers;
using OrleansCrm.Server.Decisions;
using OrleansCrm.Server.Ingest;
using OrleansCrm.Server.Offers;
using OrleansCrm.Server.Quarantine;
using OrleansCrm.Server.Telemetry;

namespace OrleansCrm.Server.Hosting;

/// <summary>How the process runs. From the command line, else <c>ORLEANSCRM_*</c> variables, else <c>appsettings.json</c>.</summary>
internal sealed class ServerOptions
{
    public const string UrlsDefault = "http://127.0.0.1:5080";

    /// <summary>Said without quoting what was given: it may hold a password.</summary>
    public const string ConnectionFault = "--database takes a connection string such as 'Host=localhost;Database=crm;Username=crm'";

    /// <summary>Directory of the database, made 0700 when it does not exist; relative to where the user stands.</summary>
    public string Data { get; set; } = "./data";

    /// <summary>
    /// Connection string of a PostgreSQL database that keeps everything in place of <see cref="Data"/>, where only the first keys are written.
    /// </summary>
    public string? Database { get; set; }

    /// <summary>
    /// Partitions of a new database, 1 to 1,024; they can never be changed. Null: 8 on SQLite, 64 on PostgreSQL, and whatever an existing one
    /// has. More for a database that is to grow over many silos: docs/capacity.md.
    /// </summary>
    public int? Partitions { get; set; }

    /// <summary>Addresses to listen on, separated by semicolons. Port 0 takes a free one.</summary>
    public string Urls { get; set; } = UrlsDefault;

    /// <summary>Address or network (CIDR) of the proxy in front that speaks TLS; only its forwarded headers are believed.</summary>
    public string? BehindProxy { get; set; }

    /// <summary>Host names that requests may name besides loopback and the addresses of <see cref="Urls"/>, separated by semicolons.</summary>
    public string? AllowedHosts { get; set; }

    /// <summary>A server write key that is added when it is missing.</summary>
    public string? WriteKey { get; set; }

    /// <summary>An API key with all scopes that is added when it is missing.</summary>
    public string? ApiKey { get; set; }

    /// <summary>E-mail address of an administrator who is added when missing; needs <see cref="AdminPassword"/>.</summary>
    public string? AdminEmail { get; set; }

    public string? AdminPassword { get; set; }

    /// <summary>
    /// How long readiness fails before connections are refused on shutdown, so that a load balancer looks away first. Default 0, for a
    /// process without one; range 0 to 5 minutes.
    /// </summary>
    public TimeSpan DrainDelay { get; set; } = TimeSpan.Zero;

    /// <summary>
    /// How long requests under way and the last flush may take on shutdown. Default 30 s: what container platforms grant. Range 1 s to 10
    /// minutes.
    /// </summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a start waits for the process that still has the database, so that a new one can be started before the old one is stopped.
    /// Null: not at all on SQLite; 6 s on PostgreSQL, whose server notices after 5 that a machine has gone. Range 0 to 5 minutes.
    /// </summary>
    public TimeSpan? TakeoverWait { get; set; }

    /// <summary>
    /// Connections at once. Default 10,000: each costs some tens of kilobytes, agents hold one each. Range 1 to 1,000,000.
    /// </summary>
    public long ConnectionsMax { get; set; } = 10_000;

    /// <summary>Events are not held against their tracking plan: to see what that costs.</summary>
    public bool WithoutTrackingPlan { get; set; }

    /// <summary>The least that is logged. Default Warning: a quiet log is one that is read.</summary>
    public LogLevel LogLevel { get; set; } = LogLevel.Warning;

    /// <summary>How log lines look: <c>text</c>, for people (the default), or <c>json</c>, an object a line with the trace it belongs to.</summary>
    public string LogFormat { get; set; } = "text";

    public IngestOptions Ingest { get; set; } = new();

    public QuarantineOptions Quarantine { get; set; } = new();

    public HistoryOptions History { get; set; } = new();

    public DecisionOptions Decisions { get; set; } = new();

    public SignInOptions SignIn { get; set; } = new();

    public AccessOptions Access { get; set; } = new();

    public PresenceOptions Presence { get; set; } = new();

    public PushOptions Push { get; set; } = new();

    public OfferPushOptions OfferPush { get; set; } = new();

    public PartitionOptions Partition { get; set; } = new();

    public SiloOptions Silo { get; set; } = new();

    public TelemetryOptions Telemetry { get; set; } = new();

    /// <summary>What is wrong with the values, for the person who gave them; null when nothing is.</summary>
    public string? FindFault() => this switch
    {
        { Database: { } database } when !PostgresJournal.IsConnectionString(database) => ConnectionFault,
        { Data: "" } => "--data takes a directory",
        { Partitions: < 1 or > SqliteJournalOptions.PartitionsMax } => "ORLEANSCRM_PARTITIONS takes 1 to 1,024",
        { AdminEmail: null or "", AdminPassword: not null and not "" } => "ORLEANSCRM_ADMIN_PASSWORD needs ORLEANSCRM_ADMIN_EMAIL",
        { AdminEmail: not null and not "", AdminPassword: null or "" } => "ORLEANSCRM_ADMIN_EMAIL needs ORLEANSCRM_ADMIN_PASSWORD",
        { DrainDelay: var d } when d < TimeSpan.Zero || d > TimeSpan.FromMinutes(5) => "DrainDelay takes 0 to 5 minutes",
        { ShutdownTimeout: var t } when t < TimeSpan.FromSeconds(1) || t > TimeSpan.FromMinutes(10) => "ShutdownTimeout takes 1 second to 10 minutes",
        { TakeoverWait: { } w } when w < TimeSpan.Zero || w > TimeSpan.FromMinutes(5) => "TakeoverWait takes 0 to 5 minutes",
        { LogFormat: not ("text" or "json") } => "ORLEANSCRM_LOG_FORMAT takes text or json",
        { ConnectionsMax: < 1 or > 1_000_000 } => "ConnectionsMax takes 1 to 1,000,000",
        { AdminEmail: { Length: > 0 } email } when !Accounts.IsEmail(email) => "ORLEANSCRM_ADMIN_EMAIL is no e-mail address",
        _ => KeyFault(WriteKey, "ORLEANSCRM_WRITE_KEY") ?? KeyFault(ApiKey, "ORLEANSCRM_API_KEY")
            ?? (WriteKey is { Length: > 0 } && WriteKey == ApiKey ? "ORLEANSCRM_WRITE_KEY and ORLEANSCRM_API_KEY must differ" : null)
            ?? Decisions.FindFault()
            ?? Ingest.FindFault() ?? Quarantine.FindFault() ?? History.FindFault() ?? SignIn.FindFault() ?? Access.FindFault() ?? Presence.FindFault() ?? Push.FindFault() ?? OfferPush.FindFault() ?? Telemetry.FindFault() ?? ListenAddress.FindFault(this),
    };

    // A colon ends the user name of Basic authentication, and blanks do not survive a header.
    private static string? KeyFault(string? key, string name) =>
        key is null or "" || (key.Length <= 200 && key.All(c => c is > ' ' and < '\x7f' and not ':'))
            ? null
            : $"{name} takes up to 200 visible ASCII characters without a colon";
}

/// <summary>Where the silo of a cluster is reached; of no meaning to the embedded silo.</summary>
internal sealed class SiloOptions
{
    public int Port { get; set; } = 11111;

    public int GatewayPort { get; set; } = 30000;

    public string ClusterId { get; set; } = "orleanscrm";

    /// <summary>IP address that other silos reach this one at; null for the first address of this machine.</summary>
    public string? AdvertisedAddress { get; set; }
}
