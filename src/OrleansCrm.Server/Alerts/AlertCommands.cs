using System.Text;
using System.Text.Json;
using Orleans;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Grains;
using OrleansCrm.Journal;
using OrleansCrm.Journal.Accounts;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Ingest;

namespace OrleansCrm.Server.Alerts;

/// <summary>What agents do with alerts. A command is journaled, and the fold of the alert's customer decides on it.</summary>
internal sealed class AlertCommands(IGrainFactory grains, IJournal journal, IAccountStore accounts, TimeProvider time)
{
    public const string Unavailable = "unavailable";
    public const string NotFound = "not_found";
    public const string Invalid = "invalid_value";
    public const string NoSuchAgent = "agent_not_found";

    // The fold's own words.
    public const string AlreadyClaimed = "already_claimed";
    public const string AlreadyResolved = "already_resolved";

    private const int OutcomeLengthMax = 100;
    private const int NoteLengthMax = 2_000;

    /// <summary>A quarter: what is to rest longer is no alert.</summary>
    private static readonly TimeSpan SnoozeMax = TimeSpan.FromDays(90);

    public async Task<AlertAnswer> GetAsync(string tenant, string? alert)
    {
        if (!TryFind(alert, out var partition))
            return AlertAnswer.NoSuchAlert;
        try
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            var found = await partition.LookupAsync(new LookupRequest(tenant + "/", LookupKind.Alert, now, alert!));
            return found.Status switch
            {
                LookupStatus.Found => new AlertAnswer("", "", found.Body),
                LookupStatus.NotFound => AlertAnswer.NoSuchAlert,
                _ => AlertAnswer.NoAnswer,
            };
        }
        catch (Exception e) when (Http.Unavailable.IsOfGrain(e))
        {
            return AlertAnswer.NoAnswer;
        }
    }

    public Task<AlertAnswer> ClaimAsync(Agent agent, string? alert) => DoAsync(agent, alert, EntryTypes.AlertClaim);

    public Task<AlertAnswer> ReleaseAsync(Agent agent, string? alert) => DoAsync(agent, alert, EntryTypes.AlertRelease);

    /// <param name="until">ISO 8601, UTC where it names no offset.</param>
    public Task<AlertAnswer> SnoozeAsync(Agent agent, string? alert, string? until)
    {
        var now = time.GetUtcNow();
        if (!IsoTime.TryParse(Encoding.UTF8.GetBytes(until ?? ""), out var instant) || instant <= now || instant > now + SnoozeMax)
            return Refused($"\"until\" is an instant within the next {SnoozeMax.TotalDays} days.");
        return DoAsync(agent, alert, EntryTypes.AlertSnooze, json => json.WriteNumber("untilMs", instant.ToUnixTimeMilliseconds()));
    }

    public Task<AlertAnswer> AddNoteAsync(Agent agent, string? alert, string? text)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > NoteLengthMax)
            return Refused($"A note has 1 to {NoteLengthMax} characters.");
        return DoAsync(agent, alert, EntryTypes.AlertNote, json => json.WriteString("note", text));
    }

    /// <param name="to">E-mail address of an agent of the same tenant.</param>
    public async Task<AlertAnswer> AssignAsync(Agent agent, string? alert, string? to)
    {
        var user = to is { Length: > 0 } ? await accounts.FindUserAsync(to, CancellationToken.None) : null;
        if (user is null || user.Tenant != agent.Tenant || user.IsDisabled)
            return new AlertAnswer(NoSuchAgent, "There is no such agent.", []);
        return await DoAsync(agent, alert, EntryTypes.AlertAssign, json => json.WriteString("to", user.Email));
    }

    public Task<AlertAnswer> ResolveAsync(Agent agent, string? alert, string? outcome, string? note)
    {
        if (string.IsNullOrWhiteSpace(outcome) || outcome.Length > OutcomeLengthMax || outcome.Any(char.IsControl))
            return Refused($"An outcome has 1 to {OutcomeLengthMax} characters.");
        if (note?.Length > NoteLengthMax)
            return Refused($"A note has at most {NoteLengthMax} characters.");
        return DoAsync(agent, alert, EntryTypes.AlertResolve, json =>
        {
            json.WriteString("outcome", outcome);
            json.WriteString("note", note ?? "");
        });
    }

    private static Task<AlertAnswer> Refused(FormattableString why) =>
        Task.FromResult(new AlertAnswer(Invalid, why.ToString(System.Globalization.CultureInfo.InvariantCulture), []));

    private async Task<AlertAnswer> DoAsync(Agent agent, string? alert, string type, Action<Utf8JsonWriter>? more = null)
    {
        if (!TryFind(alert, out var partition))
            return AlertAnswer.NoSuchAlert;
        var payload = Payload(agent, alert!, more);

        // The customer is not known here. The tenant is, and the partition takes no other.
        var entry = new NewEntry(agent.Tenant + "/", Guid.NewGuid(), type, time.GetUtcNow().ToUnixTimeMilliseconds(), payload, EngineSpans.OfRequest);
        try
        {
            var response = await partition.AppendAsync(new AppendRequest([entry]));
            return response is { Status: AppendStatus.Done, Outcomes: [var decided, ..] }
                ? new AlertAnswer(decided.Code, decided.Detail, decided.Body)
                : AlertAnswer.NoAnswer;
        }
        catch (Exception e) when (Http.Unavailable.IsOfGrain(e))
        {
            return AlertAnswer.NoAnswer;
        }
    }

    private bool TryFind(string? alert, out IPartitionGrain partition)
    {
        partition = null!;
        if (!AlertId.TryParse(alert, out var id) || id.ToString() != alert || id.Partition >= journal.Identity.Partitions)
            return false;
        partition = grains.GetGrain<IPartitionGrain>(id.Partition);
        return true;
    }

    private static byte[] Payload(Agent agent, string alert, Action<Utf8JsonWriter>? more)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("alert", alert);
            json.WriteString("agent", agent.Email);
            json.WriteString("role", agent.Role);
            more?.Invoke(json);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}

/// <summary>Who gives a command.</summary>
internal sealed record Agent(string Tenant, string Email, string Role);

/// <param name="Code">Empty when it was done, else the stable code of the refusal.</param>
/// <param name="Alert">UTF-8 JSON of the alert as it is now.</param>
internal sealed record AlertAnswer(string Code, string Detail, byte[] Alert)
{
    public static readonly AlertAnswer NoSuchAlert = new(AlertCommands.NotFound, "There is no such alert.", []);

    public static readonly AlertAnswer NoAnswer =
        new(AlertCommands.Unavailable, "The engine cannot answer right now; whether it was done is unknown.", []);

    public bool IsDone => Code.Length == 0;
}
