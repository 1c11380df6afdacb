using System.Text;
using System.Text.Json;
using Orleans;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Alerts;

/// <summary>What agents do with alerts. A command is journaled, and the fold of the alert's customer decides on it.</summary>
internal sealed class AlertCommands(IGrainFactory grains, IJournal journal, TimeProvider time)
{
    public const string Unavailable = "unavailable";
    public const string NotFound = "not_found";
    public const string Invalid = "invalid_value";

    private const int OutcomeLengthMax = 100;
    private const int NoteLengthMax = 2_000;

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

    public Task<AlertAnswer> ClaimAsync(Agent agent, string? alert) => DoAsync(agent, alert, EntryTypes.AlertClaim, null, null);

    public Task<AlertAnswer> ReleaseAsync(Agent agent, string? alert) => DoAsync(agent, alert, EntryTypes.AlertRelease, null, null);

    public Task<AlertAnswer> ResolveAsync(Agent agent, string? alert, string? outcome, string? note)
    {
        if (string.IsNullOrWhiteSpace(outcome) || outcome.Length > OutcomeLengthMax || outcome.Any(char.IsControl))
            return Task.FromResult(new AlertAnswer(Invalid, $"An outcome has 1 to {OutcomeLengthMax} characters.", []));
        if (note?.Length > NoteLengthMax)
            return Task.FromResult(new AlertAnswer(Invalid, $"A note has at most {NoteLengthMax} characters.", []));
        return DoAsync(agent, alert, EntryTypes.AlertResolve, outcome, note ?? "");
    }

    private async Task<AlertAnswer> DoAsync(Agent agent, string? alert, string type, string? outcome, string? note)
    {
        if (!TryFind(alert, out var partition))
            return AlertAnswer.NoSuchAlert;
        var payload = Payload(agent, alert!, outcome, note);

        // The customer is not known here. The tenant is, and the partition takes no other.
        var entry = new NewEntry(agent.Tenant + "/", Guid.NewGuid(), type, time.GetUtcNow().ToUnixTimeMilliseconds(), payload);
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

    private static byte[] Payload(Agent agent, string alert, string? outcome, string? note)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("alert", alert);
            json.WriteString("agent", agent.Email);
            json.WriteString("role", agent.Role);
            if (outcome is not null)
                json.WriteString("outcome", outcome);
            if (note is not null)
                json.WriteString("note", note);
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
