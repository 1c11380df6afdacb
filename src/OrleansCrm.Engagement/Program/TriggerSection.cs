using System.Globalization;
using System.Text.Json;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Engagement.Conditions;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Triggers;

namespace OrleansCrm.Engagement.Program;

/// <summary>The program's <c>triggers</c> in JSON, both ways.</summary>
internal static class TriggerSection
{
    private const string Clock = "HH:mm";
    private const string Word = "1 to 64 of a-z, 0-9, dot, hyphen and underscore";

    /// <param name="conditions">Knows the names of the segments.</param>
    /// <param name="offers">That a policy can name.</param>
    public static TriggerRules Read(ProgramSection section, ConditionReader conditions, Offer[] offers)
    {
        var standard = new TriggerRules();
        var policies = new List<TriggerPolicy>();
        foreach (var item in section.List("policies", TriggerRules.PoliciesMax) ?? [])
        {
            var policy = ReadPolicy(item, conditions, offers);
            if (policy.Id.Length == 0 || policies.Exists(p => p.Id == policy.Id))
                item.Fault("id", "must be there, and no other policy's");
            item.RefuseOthers();
            policies.Add(policy);
        }

        var rules = new TriggerRules
        {
            Policies = [.. policies],
            QuietHours = ReadQuiet(section.Section("quietHours"), standard.QuietHours),
            Frequency = ReadFrequency(section, standard.Frequency),
        };
        section.RefuseOthers();
        return rules;
    }

    public static void Write(Utf8JsonWriter json, TriggerRules rules)
    {
        json.WriteStartObject("triggers");
        json.WriteStartArray("policies");
        foreach (var policy in rules.Policies)
            Write(json, policy);
        json.WriteEndArray();
        json.WriteStartObject("quietHours");
        json.WriteString("from", Text(rules.QuietHours.FromMinute));
        json.WriteString("until", Text(rules.QuietHours.UntilMinute));
        json.WriteString("timeZone", rules.QuietHours.TimeZone);
        json.WriteEndObject();
        WriteFrequency(json, rules.Frequency);
        json.WriteEndObject();
    }

    private static TriggerPolicy ReadPolicy(ProgramSection item, ConditionReader conditions, Offer[] offers)
    {
        var on = Array.IndexOf(TriggerPolicy.Words, item.Text("on", "", w => TriggerPolicy.Words.Contains(w), string.Join(", ", TriggerPolicy.Words)));
        if (on < 0 && !item.Has("on"))
            item.Fault("on", "must be " + string.Join(", ", TriggerPolicy.Words));
        var standard = new TriggerPolicy("", (TriggerCause)Math.Max(0, on));
        var consent = item.Section("consent");
        var policy = standard with
        {
            Id = item.Text("id", "", ConsentChange.IsWord, Word),
            Enabled = item.Flag("enabled", standard.Enabled),
            AfterMinutes = (int)item.Integer("afterMinutes", standard.AfterMinutes, 0, 43_200),
            ForHours = (int)item.Integer("forHours", standard.ForHours, 1, 720),
            ValidHours = (int)item.Integer("validHours", standard.ValidHours, 1, 720),
            When = item.Has("when") ? conditions.Read(item, "when") : null,
            Offers = ReadOffers(item, offers),
            Placement = item.Text("placement", standard.Placement, p => Placements.All.Contains(p), "one of " + string.Join(", ", Placements.All)),
            Purpose = consent.Text("purpose", standard.Purpose, ConsentChange.IsWord, Word),
            Channel = consent.Text("channel", standard.Channel, ConsentChange.IsWord, Word),
            Frequency = ReadFrequency(item, standard.Frequency),
        };
        consent.RefuseOthers();
        return policy;
    }

    private static string[] ReadOffers(ProgramSection item, Offer[] offers)
    {
        var ids = new List<string>();
        foreach (var entry in item.List("offers", OfferSection.OffersMax) ?? [])
        {
            if (entry.PlainText is { } id && Array.Exists(offers, offer => offer.Id == id && !offer.CostsByCart))
                ids.Add(id);
            else
                entry.Fault("", "must be the id of an offer of this program, and none of kind percent with a budget of an amount, which only a cart could be taken from");
        }

        return [.. ids];
    }

    private static QuietHours ReadQuiet(ProgramSection section, QuietHours standard)
    {
        var hours = new QuietHours(
            Minute(section, "from", standard.FromMinute),
            Minute(section, "until", standard.UntilMinute),
            section.Text("timeZone", standard.TimeZone, name => ZoneClock.Find(name) is not null, "a zone as Europe/Berlin"));
        section.RefuseOthers();
        return hours;
    }

    private static FrequencyRule ReadFrequency(ProgramSection of, FrequencyRule standard)
    {
        var section = of.Section("frequency");
        var rule = new FrequencyRule(
            (int)section.Integer("times", standard.Times, 0, Bounds.ExposuresMax), (int)section.Integer("days", standard.Days, 1, 365));
        section.RefuseOthers();
        return rule;
    }

    private static void Write(Utf8JsonWriter json, TriggerPolicy policy)
    {
        json.WriteStartObject();
        json.WriteString("id", policy.Id);
        json.WriteString("on", TriggerPolicy.Words[(int)policy.On]);
        json.WriteBoolean("enabled", policy.Enabled);
        json.WriteNumber("afterMinutes", policy.AfterMinutes);
        json.WriteNumber("forHours", policy.ForHours);
        json.WriteNumber("validHours", policy.ValidHours);
        if (policy.When is { } when)
            ConditionWriter.Write(json, "when", when);
        ProgramWriter.WriteTexts(json, "offers", policy.Offers);
        json.WriteString("placement", policy.Placement);
        json.WriteStartObject("consent");
        json.WriteString("purpose", policy.Purpose);
        json.WriteString("channel", policy.Channel);
        json.WriteEndObject();
        WriteFrequency(json, policy.Frequency);
        json.WriteEndObject();
    }

    private static void WriteFrequency(Utf8JsonWriter json, FrequencyRule rule)
    {
        json.WriteStartObject("frequency");
        json.WriteNumber("times", rule.Times);
        json.WriteNumber("days", rule.Days);
        json.WriteEndObject();
    }

    private static int Minute(ProgramSection section, string name, int standard)
    {
        TryParse(section.Text(name, Text(standard), text => TryParse(text, out _), "a time of the day as 22:00"), out var minute);
        return minute;
    }

    private static bool TryParse(string text, out int minute)
    {
        var isTime = TimeOnly.TryParseExact(text, Clock, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time);
        minute = (time.Hour * 60) + time.Minute;
        return isTime;
    }

    private static string Text(int minute) => new TimeOnly(minute / 60, minute % 60).ToString(Clock, CultureInfo.InvariantCulture);
}
