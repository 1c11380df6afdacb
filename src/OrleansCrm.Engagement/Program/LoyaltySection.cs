using System.Text.Json;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Program;

/// <summary>The program's <c>loyalty</c> in JSON, both ways.</summary>
internal static class LoyaltySection
{
    private const int RulesMax = 200;
    private const int NamesMax = 500;
    private const int LevelsMax = 10;
    private const string DayForm = "yyyy-MM-dd";

    public static LoyaltyRules Read(ProgramSection section)
    {
        var standard = new LoyaltyRules();
        var rules = new LoyaltyRules
        {
            PointsPerUnitMicros = section.Micros("pointsPerUnit", standard.PointsPerUnitMicros, 0m, 1_000m),
            Earn = ReadEarn(section),
            Campaigns = ReadCampaigns(section),
            Bonuses = ReadBonuses(section.Section("bonuses")),
            Referral = ReadReferral(section.Section("referral")),
            ReturnDays = (int)section.Integer("returnDays", standard.ReturnDays, 0, 365),
            Expiry = ReadExpiry(section.Section("expiry")),
            Tiers = ReadTiers(section.Section("tiers")),
            Redemption = ReadRedemption(section.Section("redemption")),
            MayBeNegative = section.Flag("mayBeNegative", standard.MayBeNegative),
        };
        if (rules.Expiry.AfterDays > 0 && rules.Expiry.AfterDays <= rules.ReturnDays)
            section.Fault("expiry", "must come after the return window");
        section.RefuseOthers();
        return rules;
    }

    public static void Write(Utf8JsonWriter json, LoyaltyRules rules)
    {
        json.WriteStartObject("loyalty");
        ProgramWriter.WriteMicros(json, "pointsPerUnit", rules.PointsPerUnitMicros);
        WriteEarn(json, rules);
        json.WriteStartArray("campaigns");
        foreach (var campaign in rules.Campaigns)
        {
            json.WriteStartObject();
            json.WriteString("name", campaign.Name);
            json.WriteString("from", ProgramTime.Text(campaign.FromMs, ProgramTime.InstantForm));
            json.WriteString("until", ProgramTime.Text(campaign.UntilMs, ProgramTime.InstantForm));
            ProgramWriter.WriteMicros(json, "multiplier", campaign.MultiplierMicros);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("bonuses");
        json.WriteNumber("welcome", rules.Bonuses.Welcome);
        json.WriteString("welcomeFrom", ProgramTime.Text(rules.Bonuses.WelcomeFromMs, DayForm));
        json.WriteNumber("birthday", rules.Bonuses.Birthday);
        json.WriteString("birthdayFrom", ProgramTime.Text(rules.Bonuses.BirthdayFromMs, DayForm));
        json.WriteNumber("review", rules.Bonuses.Review);
        json.WriteNumber("reviewsPerYear", rules.Bonuses.ReviewsPerYear);
        json.WriteEndObject();
        json.WriteStartObject("referral");
        json.WriteNumber("referrer", rules.Referral.Referrer);
        json.WriteNumber("friend", rules.Referral.Friend);
        json.WriteNumber("standDays", rules.Referral.StandDays);
        json.WriteNumber("limit", rules.Referral.Limit);
        json.WriteNumber("limitDays", rules.Referral.LimitDays);
        json.WriteEndObject();
        json.WriteNumber("returnDays", rules.ReturnDays);
        json.WriteStartObject("expiry");
        json.WriteNumber("afterDays", rules.Expiry.AfterDays);
        json.WriteNumber("noticeDays", rules.Expiry.NoticeDays);
        json.WriteEndObject();
        WriteTiers(json, rules.Tiers);
        json.WriteStartObject("redemption");
        ProgramWriter.WriteMicros(json, "pointValue", rules.Redemption.PointValueMicros);
        if (rules.Redemption.BreakageMicros is { } breakage)
            ProgramWriter.WriteMicros(json, "breakage", breakage);
        else
            json.WriteNull("breakage");
        json.WriteNumber("pointsMin", rules.Redemption.PointsMin);
        json.WriteNumber("holdSeconds", rules.Redemption.HoldSeconds);
        json.WriteBoolean("returnsWithOrder", rules.Redemption.ReturnsWithOrder);
        json.WriteEndObject();
        json.WriteBoolean("mayBeNegative", rules.MayBeNegative);
        json.WriteEndObject();
    }

    private static EarnRule[] ReadEarn(ProgramSection section)
    {
        var rules = new List<EarnRule>();
        foreach (var item in section.List("earn", RulesMax) ?? [])
        {
            var rule = new EarnRule(ReadNames(item, "products"), ReadNames(item, "categories"), item.Micros("pointsPerUnit", 0, 0m, 1_000m));
            if (!item.Has("pointsPerUnit") || rule.Products.Count + rule.Categories.Count is 0 or > NamesMax)
                item.Fault("", FormattableString.Invariant($"must have pointsPerUnit and 1 to {NamesMax} products and categories"));
            item.RefuseOthers();
            rules.Add(rule);
        }

        return [.. rules];
    }

    private static string[] ReadNames(ProgramSection item, string name)
    {
        var names = new List<string>();
        foreach (var entry in item.List(name, NamesMax) ?? [])
        {
            if (entry.PlainText is { Length: >= 1 and <= 200 } text)
                names.Add(text);
            else
                entry.Fault("", "must be a text of 1 to 200 characters");
        }

        return [.. names];
    }

    private static Campaign[] ReadCampaigns(ProgramSection section)
    {
        var campaigns = new List<Campaign>();
        foreach (var item in section.List("campaigns", RulesMax) ?? [])
        {
            var campaign = new Campaign(
                item.Text("name", "", t => t.Length is >= 1 and <= 100, "a text of 1 to 100 characters"),
                Instant(item, "from"),
                Instant(item, "until"),
                item.Micros("multiplier", 1_000_000, 0.01m, 100m));
            if (campaign.Name.Length == 0 || campaign.UntilMs <= campaign.FromMs)
                item.Fault("", "must have a name, and end after it begins");
            item.RefuseOthers();
            campaigns.Add(campaign);
        }

        return [.. campaigns];
    }

    private static BonusRules ReadBonuses(ProgramSection section)
    {
        var standard = new BonusRules();
        var rules = new BonusRules
        {
            Welcome = section.Integer("welcome", standard.Welcome, 0, 1_000_000),
            WelcomeFromMs = Day(section, "welcomeFrom", standard.WelcomeFromMs),
            Birthday = section.Integer("birthday", standard.Birthday, 0, 1_000_000),
            BirthdayFromMs = Day(section, "birthdayFrom", standard.BirthdayFromMs),
            Review = section.Integer("review", standard.Review, 0, 1_000_000),
            ReviewsPerYear = (int)section.Integer("reviewsPerYear", standard.ReviewsPerYear, 1, 100),
        };
        if (rules.Birthday > 0 && rules.BirthdayFromMs == 0)
            section.Fault("birthdayFrom", "must be the day from which birthdays earn, as 2026-07-01: those of the past would earn too");
        section.RefuseOthers();
        return rules;
    }

    private static long Day(ProgramSection section, string name, long otherwise)
    {
        var day = section.Text(name, ProgramTime.Text(otherwise, DayForm), t => ProgramTime.TryParse(t, DayForm, out _), "a day as 2026-07-01");
        ProgramTime.TryParse(day, DayForm, out var ms);
        return ms;
    }

    private static ReferralRules ReadReferral(ProgramSection section)
    {
        var standard = new ReferralRules();
        var rules = new ReferralRules
        {
            Referrer = section.Integer("referrer", standard.Referrer, 0, 1_000_000),
            Friend = section.Integer("friend", standard.Friend, 0, 1_000_000),
            StandDays = (int)section.Integer("standDays", standard.StandDays, 0, 365),
            Limit = (int)section.Integer("limit", standard.Limit, 1, 100),
            LimitDays = (int)section.Integer("limitDays", standard.LimitDays, 1, 365),
        };
        section.RefuseOthers();
        return rules;
    }

    private static ExpiryRules ReadExpiry(ProgramSection section)
    {
        var standard = new ExpiryRules();
        var rules = new ExpiryRules
        {
            AfterDays = (int)section.Integer("afterDays", standard.AfterDays, 0, 3_650),
            NoticeDays = (int)section.Integer("noticeDays", standard.NoticeDays, 0, 365),
        };
        section.RefuseOthers();
        return rules;
    }

    private static TierRules ReadTiers(ProgramSection section)
    {
        var standard = new TierRules();
        var levels = new List<TierLevel>();
        foreach (var item in section.List("levels", LevelsMax) ?? [])
        {
            var level = new TierLevel(
                item.Text("name", "", IsName, "1 to 64 of a-z, 0-9, hyphen and underscore"),
                item.Integer("from", 0, 1, 1_000_000_000),
                item.Micros("multiplier", 1_000_000, 0.01m, 100m));
            if (level.Name.Length == 0 || level.From <= (levels.Count > 0 ? levels[^1].From : 0) || levels.Exists(l => l.Name == level.Name))
                item.Fault("", "must have a name of its own and need more points than the level before");
            item.RefuseOthers();
            levels.Add(level);
        }

        var rules = new TierRules
        {
            WindowDays = (int)section.Integer("windowDays", standard.WindowDays, 1, 1_095),
            GraceDays = (int)section.Integer("graceDays", standard.GraceDays, 0, 365),
            WarningDays = (int)section.Integer("warningDays", standard.WarningDays, 0, 365),
            Levels = [.. levels],
        };
        section.RefuseOthers();
        return rules;
    }

    private static RedemptionRules ReadRedemption(ProgramSection section)
    {
        var standard = new RedemptionRules();
        var rules = new RedemptionRules
        {
            PointValueMicros = section.Micros("pointValue", standard.PointValueMicros, 0m, 1_000m),
            BreakageMicros = section.MicrosOrNull("breakage", 0m, 1m),
            PointsMin = section.Integer("pointsMin", standard.PointsMin, 1, 1_000_000_000),
            HoldSeconds = (int)section.Integer("holdSeconds", standard.HoldSeconds, 1, 604_800),
            ReturnsWithOrder = section.Flag("returnsWithOrder", standard.ReturnsWithOrder),
        };
        section.RefuseOthers();
        return rules;
    }

    private static void WriteEarn(Utf8JsonWriter json, LoyaltyRules rules)
    {
        json.WriteStartArray("earn");
        foreach (var rule in rules.Earn)
        {
            json.WriteStartObject();
            ProgramWriter.WriteTexts(json, "products", rule.Products);
            ProgramWriter.WriteTexts(json, "categories", rule.Categories);
            ProgramWriter.WriteMicros(json, "pointsPerUnit", rule.PointsPerUnitMicros);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTiers(Utf8JsonWriter json, TierRules tiers)
    {
        json.WriteStartObject("tiers");
        json.WriteNumber("windowDays", tiers.WindowDays);
        json.WriteNumber("graceDays", tiers.GraceDays);
        json.WriteNumber("warningDays", tiers.WarningDays);
        json.WriteStartArray("levels");
        foreach (var level in tiers.Levels)
        {
            json.WriteStartObject();
            json.WriteString("name", level.Name);
            json.WriteNumber("from", level.From);
            ProgramWriter.WriteMicros(json, "multiplier", level.MultiplierMicros);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static long Instant(ProgramSection item, string name)
    {
        var ms = ProgramTime.Instant(item, name);
        if (ms == 0)
            item.Fault(name, "must be " + ProgramTime.InstantRule);
        return ms;
    }

    private static bool IsName(string text) =>
        text.Length is >= 1 and <= 64 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_');
}
