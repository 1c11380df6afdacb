using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests;

/// <summary>One customer's journal while it is written and folded. Times are days after 2024-01-01T00:00:00Z, fractions allowed.</summary>
internal sealed class Story(string key = "default/user:u1", ProgramDocument? program = null, int partition = 7)
{
    public const long StartMs = 1_704_067_200_000;

    private long _messages;

    public CustomerState State { get; private set; } = CustomerState.Create(key);

    public ProgramDocument Program { get; private set; } = program ?? ProgramDocument.Default;

    public FoldOutput Output { get; } = new();

    public List<Entry> Entries { get; } = [];

    public JsonElement Profile => Json(ProfileRenderer.Render(State, Program, State.NewestMs));

    public string Digest => Encoding.UTF8.GetString(BusinessDigest.Describe(State, Program));

    public string Phase => Profile.GetProperty("phase").GetString()!;

    public string PhaseSince => Profile.GetProperty("phaseSince").GetString()!;

    public long Orders => Profile.GetProperty("value").GetProperty("orders").GetInt64();

    public long Points => Profile.GetProperty("loyalty").GetProperty("balance").GetInt64();

    public string[] OpenAlerts => [.. Profile.GetProperty("openAlerts").EnumerateArray().Select(a => a.GetString()!)];

    public string[] Notes => [.. Output.Notes.Select(n => n.Text)];

    public static long Ms(double day) => StartMs + (long)Math.Round(day * 86_400_000);

    public static string At(double day) => Rendering.Instant(Ms(day));

    public static JsonElement Json(byte[] utf8)
    {
        using var parsed = JsonDocument.Parse(utf8);
        return parsed.RootElement.Clone();
    }

    public decimal Revenue(string currency = "EUR") =>
        Profile.GetProperty("value").GetProperty("revenue").TryGetProperty(currency, out var amount) ? amount.GetDecimal() : 0;

    public Story Track(double day, string name, string properties = "{}") =>
        Own(EntryTypes.Track, day, $$"""{"type":"track","event":"{{name}}","userId":"u1","properties":{{properties}}}""");

    public Story Order(double day, string id, decimal revenue = 60) =>
        Track(day, "Order Completed", Say($$"""{"order_id":"{{id}}","revenue":{{revenue}}}"""));

    public Story Refund(double day, string order, string refund, decimal? amount = null) =>
        Track(
            day,
            "Order Refunded",
            amount is null
                ? $$"""{"order_id":"{{order}}","refund_id":"{{refund}}"}"""
                : Say($$"""{"order_id":"{{order}}","refund_id":"{{refund}}","total":{{amount}}}"""));

    public Story Cancel(double day, string order) => Track(day, "Order Cancelled", $$"""{"order_id":"{{order}}"}""");

    public Story Identify(double day, string traits) =>
        Own(EntryTypes.Identify, day, $$"""{"type":"identify","userId":"u1","traits":{{traits}}}""");

    public Story Page(double day) => Own(EntryTypes.Page, day, """{"type":"page","name":"Home","userId":"u1"}""");

    public Story Wake(double day) => Wake(Ms(day));

    public Story Wake(long timeMs) => Add(Next(EntryTypes.Wake, timeMs, key, "{}"));

    /// <summary>Does what the partition does when the instant has come; at most so often.</summary>
    public Story WakeWhenDue(double untilDay, int timesMax = 20)
    {
        for (var i = 0; i < timesMax && State.NextWakeMs != 0 && State.NextWakeMs <= Ms(untilDay); i++)
            Wake(State.NextWakeMs);
        return this;
    }

    public Story Command(double day, string type, string alert, string agent, string role = "agent", string outcome = "", string note = "") =>
        Own(
            type,
            day,
            $$"""{"alert":"{{alert}}","agent":"{{agent}}","role":"{{role}}","outcome":"{{outcome}}","note":"{{note}}"}""");

    public Story Snooze(double day, string alert, string agent, long untilMs, string role = "agent") =>
        Own(EntryTypes.AlertSnooze, day, $$"""{"alert":"{{alert}}","agent":"{{agent}}","role":"{{role}}","untilMs":{{untilMs}}}""");

    public Story Assign(double day, string alert, string agent, string to, string role = "agent") =>
        Own(EntryTypes.AlertAssign, day, $$"""{"alert":"{{alert}}","agent":"{{agent}}","role":"{{role}}","to":"{{to}}"}""");

    public Story Dispatch(double day, string alert, string from, string to, string why = "") =>
        Own(EntryTypes.AlertDispatch, day, $$"""{"alert":"{{alert}}","from":"{{from}}","to":"{{to}}","why":"{{why}}"}""");

    public Story Publish(ProgramDocument next, string tenant = "default")
    {
        if (tenant == "default")
            Program = next;
        return Add(Next(
            EntryTypes.ProgramPublished, Ms(10_000), "", Encoding.UTF8.GetString(new ProgramPublication(tenant, next).ToPayload())));
    }

    public Story Own(string type, double day, string payload) => Add(Next(type, Ms(day), key, payload));

    /// <summary>Takes what another customer has sent.</summary>
    public Story Receive(OutgoingEntry sent) => Add(Next(sent.Type, sent.TimeMs, key, Encoding.UTF8.GetString(sent.Payload)));

    public Story Add(Entry entry)
    {
        Entries.Add(entry);
        Output.Clear();
        CustomerFold.Apply(State, entry, Program, Output);
        return this;
    }

    /// <summary>Puts rules in force without an entry.</summary>
    public void Rule(ProgramDocument next) => Program = next;

    /// <summary>Goes on from a state that others have led to.</summary>
    public void Begin(CustomerState state) => State = state;

    /// <summary>Goes on from the stored form of the state.</summary>
    public Story Reload()
    {
        State = SnapshotCodec.Decode(SnapshotCodec.Encode(State));
        return this;
    }

    public JsonElement Alert(string id) => Json(AlertRenderer.Render(State, Program, id)!);

    private Entry Next(string type, long timeMs, string customer, string payload)
    {
        var offset = Entries.Count == 0 ? 100 : Entries[^1].Offset + 3;
        return new Entry(
            partition, offset, customer, new Guid((int)++_messages, 1, 2, new byte[8]), type, timeMs, Math.Max(timeMs, Ms(5_000)) + offset,
            Encoding.UTF8.GetBytes(payload));
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
