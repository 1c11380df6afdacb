using System.Text.Json;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Consent;

/// <summary>
/// Consent by purpose and channel. For each pair the newest event time wins and of one instant the refusal, so that neither a late nor a
/// repeated message brings a withdrawn consent back. What was never said is as the program has it.
/// </summary>
public static class Consents
{
    /// <summary>Stands for every channel of a purpose.</summary>
    public const string EveryChannel = "*";

    /// <summary>Whether the customer may be addressed for this purpose on this channel: the one question that alerts and decisions ask.</summary>
    public static bool IsGranted(CustomerState state, ProgramDocument program, string purpose, string channel) =>
        Find(state, program, purpose, channel).IsGranted;

    /// <summary>Every pair that the customer or the program speaks of, sorted by purpose and channel.</summary>
    public static ConsentStanding[] Of(CustomerState state, ProgramDocument program)
    {
        var pairs = new SortedSet<(string Purpose, string Channel)>(ByName.Instance);
        foreach (var rule in program.Consent)
            pairs.Add((rule.Purpose, rule.Channel));
        foreach (var record in state.Consents ?? [])
            pairs.Add((record.Purpose, record.Channel));
        return [.. pairs.Select(pair => Find(state, program, pair.Purpose, pair.Channel))];
    }

    internal static void Set(CustomerState state, IReadOnlyList<ConsentChange> changes, long timeMs, ref FoldStep step)
    {
        foreach (var change in changes)
            step.ConsentChanged |= Set(state.Consents ??= new List<ConsentRecord>(1), new(change.Purpose, change.Channel, change.IsGranted, timeMs));
    }

    /// <summary>
    /// Adds what was said under another id of the person. Where there is no room a refusal takes the place of a permission, and a permission is
    /// left out: neither lets the customer be addressed who does not want it.
    /// </summary>
    internal static void Take(CustomerState state, ConsentRecord said)
    {
        var records = state.Consents ??= new List<ConsentRecord>(1);
        if (records.Count == Bounds.ConsentsMax && !records.Exists(r => r.Purpose == said.Purpose && r.Channel == said.Channel))
        {
            var place = said.IsGranted ? -1 : records.FindIndex(r => r.IsGranted);
            if (place < 0)
                return;
            records.RemoveAt(place);
        }

        Set(records, said);
    }

    internal static void Write(Utf8JsonWriter json, CustomerState state, ProgramDocument program)
    {
        json.WriteStartObject("consent");
        var purpose = "";
        foreach (var standing in Of(state, program))
        {
            if (standing.Purpose != purpose)
            {
                if (purpose.Length > 0)
                    json.WriteEndObject();
                purpose = standing.Purpose;
                json.WriteStartObject(purpose);
            }

            json.WriteStartObject(standing.Channel);
            json.WriteBoolean("granted", standing.IsGranted);
            Rendering.WriteInstant(json, "since", standing.SinceMs);
            json.WriteEndObject();
        }

        if (purpose.Length > 0)
            json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>What was said of the channel or of every channel, whichever is newer; of one instant the refusal.</summary>
    private static ConsentStanding Find(CustomerState state, ProgramDocument program, string purpose, string channel)
    {
        ConsentRecord? said = null;
        foreach (var record in state.Consents ?? [])
        {
            if (record.Purpose == purpose && (record.Channel == channel || record.Channel == EveryChannel)
                && (said is not { } other || Outweighs(record, other)))
                said = record;
        }

        return said is { } last
            ? new ConsentStanding(purpose, channel, last.IsGranted, last.TimeMs)
            : new ConsentStanding(purpose, channel, program.GrantsByDefault(purpose, channel), 0);
    }

    private static bool Set(List<ConsentRecord> records, ConsentRecord said)
    {
        var index = records.FindIndex(r => r.Purpose == said.Purpose && r.Channel == said.Channel);
        if (index >= 0)
        {
            if (!Outweighs(said, records[index]))
                return false;
            records[index] = said;
            return true;
        }

        // Forgetting one in silence could bring a withdrawn consent back.
        if (records.Count == Bounds.ConsentsMax)
            throw new StateBoundException("purposes and channels of consent");
        var place = records.FindIndex(r => ByName.Instance.Compare((r.Purpose, r.Channel), (said.Purpose, said.Channel)) > 0);
        records.Insert(place < 0 ? records.Count : place, said);
        return true;
    }

    private static bool Outweighs(in ConsentRecord said, in ConsentRecord other) =>
        said.TimeMs > other.TimeMs || (said.TimeMs == other.TimeMs && other.IsGranted && !said.IsGranted);

    private sealed class ByName : IComparer<(string Purpose, string Channel)>
    {
        public static readonly ByName Instance = new();

        public int Compare((string Purpose, string Channel) x, (string Purpose, string Channel) y)
        {
            var order = string.CompareOrdinal(x.Purpose, y.Purpose);
            return order != 0 ? order : string.CompareOrdinal(x.Channel, y.Channel);
        }
    }
}
