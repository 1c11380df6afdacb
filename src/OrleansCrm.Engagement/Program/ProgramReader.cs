using System.Text.Json;
using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Conditions;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Segments;
using OrleansCrm.Engagement.Tracking;

namespace OrleansCrm.Engagement.Program;

internal static class ProgramReader
{
    private const int RatesMax = 200;
    private const int ActionsMax = 10;
    private const int PurposesMax = 50;
    private const int ChannelsMax = 20;

    public static ProgramDocument Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
            using var parsed = JsonDocument.ParseValue(ref reader);
            return Read(parsed.RootElement);
        }
        catch (JsonException e)
        {
            throw new ProgramException([new ProgramFault("document", "is not JSON: " + e.Message)]);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is JSON by its grammar, but no text.
            throw new ProgramException([new ProgramFault("document", "has a text that is no Unicode")]);
        }
    }

    public static ProgramDocument Read(JsonElement json)
    {
        var faults = new List<ProgramFault>();
        var document = Read(new ProgramSection(json, "", faults), faults);
        return faults.Count == 0 ? document : throw new ProgramException([.. faults]);
    }

    private static ProgramDocument Read(ProgramSection root, List<ProgramFault> faults)
    {
        var standard = ProgramDocument.Default;
        var currency = root.Text("currency", standard.Currency, IsCurrency, "three capital letters");
        var loyalty = LoyaltySection.Read(root.Section("loyalty"));
        var conditions = new ConditionReader(root.Section("segments").Names(), [.. loyalty.Tiers.Levels.Select(level => level.Name)]);
        var offers = OfferSection.Read(root, conditions);
        var document = standard with
        {
            Version = (int)root.Integer("version", standard.Version, 1, int.MaxValue),
            TimeZone = root.Text("timeZone", standard.TimeZone, t => t == "UTC", "UTC"),
            Currency = currency,
            Rates = ReadRates(root.Section("rates"), currency),
            Lifecycle = ReadLifecycle(root.Section("lifecycle")),
            Churn = ReadChurn(root.Section("churn"), root.Section("segments").Names()),
            Loyalty = loyalty,
            Alerts = ReadAlerts(root.Section("alerts"), conditions),
            Consent = root.Has("consent") ? ReadConsent(root.Section("consent")) : standard.Consent,
            Segments = SegmentSection.Read(root.Section("segments"), conditions),
            Owners = OwnerRules.Read(root.Section("owners"), root.Section("segments").Names()),
            Offers = offers,
            Learning = OfferSection.ReadLearning(root.Section("learning")),
            Triggers = TriggerSection.Read(root.Section("triggers"), conditions, offers),
            TrackingPlan = TrackingPlanReader.Read(root.Section("trackingPlan"), faults),
        };
        root.RefuseOthers();
        ChurnModelSection.CheckSegments(document, faults);
        return document;
    }

    private static CurrencyRate[] ReadRates(ProgramSection section, string currency)
    {
        var rates = new List<CurrencyRate>();
        foreach (var name in section.Names())
        {
            if (!IsCurrency(name) || name == currency)
                section.Fault(name, "must be the code of another currency, three capital letters");
            else
                rates.Add(new CurrencyRate(name, section.Micros(name, 1_000_000, 0.000001m, 1_000_000m)));
        }

        if (rates.Count > RatesMax)
            section.Fault("", FormattableString.Invariant($"must have at most {RatesMax} entries"));
        rates.Sort((x, y) => string.CompareOrdinal(x.Currency, y.Currency));
        return [.. rates];
    }

    private static LifecycleRules ReadLifecycle(ProgramSection section)
    {
        var standard = new LifecycleRules();
        var rules = new LifecycleRules
        {
            BondingDays = (int)section.Integer("bondingDays", standard.BondingDays, 0, 365),
            LoyaltyPurchaseDays = (int)section.Integer("loyaltyPurchaseDays", standard.LoyaltyPurchaseDays, 2, 100),
            AdvocacyRating = (int)section.Integer("advocacyRating", standard.AdvocacyRating, 1, 6),
            AdvocacyNps = (int)section.Integer("advocacyNps", standard.AdvocacyNps, 7, 11),
            OnboardingDays = (int)section.Integer("onboardingDays", standard.OnboardingDays, 0, 365),
        };
        section.RefuseOthers();
        return rules;
    }

    private static ChurnRules ReadChurn(ProgramSection section, string[] segments)
    {
        var standard = new ChurnRules();
        var rules = new ChurnRules
        {
            Model = ChurnModelSection.Read(section.Section("model")),
            Spend = ChurnModelSection.ReadSpend(section),
            HorizonDays = (int)section.Integer("horizonDays", standard.HorizonDays, 1, 730),
            OrdersMin = (int)section.Integer("ordersMin", standard.OrdersMin, 1, 100),
            AtRisk = ReadThreshold(section.Section("atRisk"), standard.AtRisk),
            Lost = ReadThreshold(section.Section("lost"), standard.Lost),
            Calibration = ReadCalibration(section.Section("calibration")),
            BySegment = [.. (section.List("bySegment", ChurnRules.SegmentsMax) ?? []).Select(own => ReadSegmentChurn(own, segments))],
        };
        if (rules.Lost.Floor < rules.AtRisk.Floor || rules.Lost.Share < rules.AtRisk.Share)
            section.Fault("lost", "must not lie below atRisk");
        section.RefuseOthers();
        return rules;
    }

    private static SegmentChurn ReadSegmentChurn(ProgramSection section, string[] segments)
    {
        var own = new SegmentChurn(
            section.Text("segment", "", segments.Contains, "the name of a segment"),
            ChurnModelSection.Read(section.Section("model")),
            ChurnModelSection.ReadSpend(section),
            ReadCalibration(section.Section("calibration")));
        if (!section.Has("segment"))
            section.Fault("segment", "must be the name of a segment");
        section.RefuseOthers();
        return own;
    }

    private static RiskCalibration ReadCalibration(ProgramSection section)
    {
        var none = RiskCalibration.None;
        var calibration = new RiskCalibration(
            section.Number("intercept", none.Intercept, -20, 20),
            section.Number("slope", none.Slope, 0.05, 20));
        section.RefuseOthers();
        return calibration;
    }

    private static RiskThreshold ReadThreshold(ProgramSection section, RiskThreshold standard)
    {
        var threshold = new RiskThreshold(
            section.Number("floor", standard.Floor, 0.01, 0.999),
            section.Number("share", standard.Share, 0.01, 0.99));
        section.RefuseOthers();
        return threshold;
    }

    private static AlertRules ReadAlerts(ProgramSection section, ConditionReader conditions)
    {
        var rules = new AlertRules
        {
            ChurnRisk = ReadChurnAlert(section.Section("churnRisk"), conditions),
            Policies = PolicySection.Read(section.Section("policies"), conditions),
            ControlGroup = ControlGroup.Read(section.Section("controlGroup")),
            Escalation = EscalationRules.Read(section.Section("escalation")),
            Routing = RoutingRule.ReadAll(section, conditions),
            DeskRules = DeskRules.ReadAll(section.Section("desks")),
            Skills = SkillRule.ReadAll(section, conditions),
            Agents = AgentRule.ReadAll(section.Section("agents")),
        };
        section.RefuseOthers();
        return rules;
    }

    private static ChurnAlertRules ReadChurnAlert(ProgramSection section, ConditionReader conditions)
    {
        var rules = ReadPolicy(section, new ChurnAlertRules(), conditions);
        section.RefuseOthers();
        return rules;
    }

    /// <summary>What every kind of alert has.</summary>
    public static T ReadPolicy<T>(ProgramSection section, T standard, ConditionReader conditions)
        where T : AlertPolicy => standard with
        {
            Enabled = section.Flag("enabled", standard.Enabled),
            Desk = section.Text("desk", standard.Desk, IsDesk, "1 to 64 of a-z, 0-9, hyphen and underscore"),
            Purpose = section.Text("purpose", standard.Purpose, p => p.Length == 0 || ConsentChange.IsWord(p), "1 to 64 of a-z, 0-9, dot, hyphen and underscore, or empty"),
            When = section.Raw("when").Json.ValueKind switch
            {
                JsonValueKind.Undefined => standard.When,
                JsonValueKind.Null => null,
                _ => conditions.Read(section, "when", mayAskAlerts: false),
            },
            ValueMicros = ReadValues(section.Section("valueFrom"), standard.ValueMicros),
            DueMinutes = ReadMinutes(section.Section("dueMinutes"), standard.DueMinutes),
            SuggestedActions = ReadActions(section, standard.SuggestedActions),
        };

    private static IReadOnlyList<SuggestedAction> ReadActions(ProgramSection section, IReadOnlyList<SuggestedAction> standard)
    {
        var sections = section.List("suggestedActions", ActionsMax);
        if (sections is null)
            return standard;
        var actions = new List<SuggestedAction>(sections.Length);
        foreach (var action in sections)
        {
            if (action.PlainText is { } plain)
            {
                actions.Add(new SuggestedAction(IsAction(plain) ? plain : ""));
                if (!IsAction(plain))
                    action.Fault("", "must be a text of 1 to 200 characters, or an object");
                continue;
            }

            var (text, purpose, channel) = (
                action.Text("text", "", IsAction, "a text of 1 to 200 characters"),
                action.Text("purpose", "", ConsentChange.IsWord, "1 to 64 of a-z, 0-9, dot, hyphen and underscore"),
                action.Text("channel", "", ConsentChange.IsWord, "1 to 64 of a-z, 0-9, dot, hyphen and underscore"));
            if (text.Length == 0 || (purpose.Length == 0) != (channel.Length == 0))
                action.Fault("", "must have a text, and purpose and channel both or neither");
            action.RefuseOthers();
            actions.Add(new SuggestedAction(text, purpose, channel));
        }

        return actions;
    }

    private static bool IsAction(string text) => text.Length is >= 1 and <= 200;

    private static ConsentDefault[] ReadConsent(ProgramSection section)
    {
        var rules = new List<ConsentDefault>();
        var purposes = section.Names();
        if (purposes.Length > PurposesMax)
            section.Fault("", FormattableString.Invariant($"must have at most {PurposesMax} purposes"));
        foreach (var purpose in purposes.Take(PurposesMax))
        {
            var channels = section.Section(purpose);
            var names = channels.Names();
            if (!ConsentChange.IsWord(purpose) || names.Length is 0 or > ChannelsMax)
                section.Fault(purpose, FormattableString.Invariant($"must be a word of a-z, 0-9, dot, hyphen and underscore with 1 to {ChannelsMax} channels"));
            foreach (var channel in names.Take(ChannelsMax))
            {
                if (!ConsentChange.IsWord(channel) && channel != Consents.EveryChannel)
                    channels.Fault(channel, "must be a word of a-z, 0-9, dot, hyphen and underscore, or *");
                rules.Add(new ConsentDefault(purpose, channel, channels.Flag(channel, false)));
            }
        }

        return [.. rules.OrderBy(r => r.Purpose, StringComparer.Ordinal).ThenBy(r => r.Channel, StringComparer.Ordinal)];
    }

    private static SeveritySteps ReadValues(ProgramSection section, SeveritySteps standard)
    {
        var steps = new SeveritySteps(
            0,
            section.Micros("medium", standard.Medium, 0m, 1e9m),
            section.Micros("high", standard.High, 0m, 1e9m),
            section.Micros("critical", standard.Critical, 0m, 1e9m));
        if (steps.Medium > steps.High || steps.High > steps.Critical)
            section.Fault("", "must rise from medium to critical");
        section.RefuseOthers();
        return steps;
    }

    public static SeveritySteps ReadMinutes(ProgramSection section, SeveritySteps standard)
    {
        var steps = new SeveritySteps(
            section.Integer("low", standard.Low, 1, 43_200),
            section.Integer("medium", standard.Medium, 1, 43_200),
            section.Integer("high", standard.High, 1, 43_200),
            section.Integer("critical", standard.Critical, 1, 43_200));
        section.RefuseOthers();
        return steps;
    }

    private static bool IsCurrency(string text) => text.Length == 3 && text.All(char.IsAsciiLetterUpper);

    public static bool IsDesk(string text) =>
        text.Length is >= 1 and <= 64 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_');
}
