using System.Text.Json;

namespace OrleansCrm.Engagement.Program;

/// <summary>How the alerts of one desk find an agent, and how soon somebody should have acted. A desk that is not named has the defaults.</summary>
public sealed record DeskRules
{
    internal const int DesksMax = 50;

    public static readonly DeskRules Standard = new();

    /// <summary>
    /// Whom the server gives alerts to by itself. The owner of a customer always comes first, while he is online; with <c>roundRobin</c> the
    /// agents of the desk follow in turn, with <c>claim</c>, the default, an alert without such an owner waits until somebody takes it.
    /// </summary>
    public bool IsRoundRobin { get; init; }

    /// <summary>
    /// Alerts of this desk that one agent has at once before the server gives him no more, sleeping ones not counted; 1 to 1,000. Default 10:
    /// what fits on a screen. Bounds what is given, not what somebody takes himself.
    /// </summary>
    public int Capacity { get; init; } = 10;

    /// <summary>Minutes in which an agent acts on what he was given, before it is taken back; 0, for ever, to 1,440. Default 10.</summary>
    public int ActWithinMinutes { get; init; } = 10;

    /// <summary>
    /// Minutes for which an agent may be offline before what he has acted on is given to others; 0 to 1,440. Default 5: a train in a tunnel.
    /// What he has not acted on goes at once.
    /// </summary>
    public int OfflineMinutes { get; init; } = 5;

    /// <summary>Minutes until an alert of each severity is due at this desk, in place of its policy's; null, the default: its policy's.</summary>
    public SeveritySteps? DueMinutes { get; init; }

    internal static SortedList<string, DeskRules> ReadAll(ProgramSection section)
    {
        var desks = new SortedList<string, DeskRules>(StringComparer.Ordinal);
        foreach (var name in section.Names())
        {
            if (ProgramReader.IsDesk(name))
                desks[name] = Read(section.Section(name));
            else
                section.Fault(name, "must be 1 to 64 of a-z, 0-9, hyphen and underscore");
        }

        if (desks.Count > DesksMax)
            section.Fault("", FormattableString.Invariant($"must have at most {DesksMax} desks"));
        return desks;
    }

    internal static void WriteAll(Utf8JsonWriter json, IReadOnlyDictionary<string, DeskRules> desks)
    {
        json.WriteStartObject("desks");
        foreach (var (name, rules) in desks)
        {
            json.WriteStartObject(name);
            json.WriteStartObject("assignment");
            json.WriteString("mode", rules.IsRoundRobin ? RoundRobin : Claim);
            json.WriteNumber("capacity", rules.Capacity);
            json.WriteNumber("actWithinMinutes", rules.ActWithinMinutes);
            json.WriteNumber("offlineMinutes", rules.OfflineMinutes);
            json.WriteEndObject();
            if (rules.DueMinutes is { } due)
                ProgramWriter.WriteSteps(json, "dueMinutes", due);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private const string Claim = "claim";
    private const string RoundRobin = "roundRobin";

    private static DeskRules Read(ProgramSection section)
    {
        var assignment = section.Section("assignment");
        var rules = new DeskRules
        {
            IsRoundRobin = assignment.Text("mode", Claim, m => m is Claim or RoundRobin, "claim or roundRobin") == RoundRobin,
            Capacity = (int)assignment.Integer("capacity", Standard.Capacity, 1, 1_000),
            ActWithinMinutes = (int)assignment.Integer("actWithinMinutes", Standard.ActWithinMinutes, 0, 1_440),
            OfflineMinutes = (int)assignment.Integer("offlineMinutes", Standard.OfflineMinutes, 0, 1_440),
            DueMinutes = section.Has("dueMinutes") ? ProgramReader.ReadMinutes(section.Section("dueMinutes"), SeveritySteps.DueStandard) : null,
        };
        assignment.RefuseOthers();
        section.RefuseOthers();
        return rules;
    }
}
