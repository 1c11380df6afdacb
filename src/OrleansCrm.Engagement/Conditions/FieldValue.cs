using System.Text.Json;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Feedback;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Conditions;

/// <summary>One customer's answer to one field, without copying anything.</summary>
internal readonly ref struct FieldValue
{
    // As in the profile's clv.
    private const int ValueDays = 365;

    private readonly string? _text;
    private readonly ReadOnlySpan<byte> _json;
    private readonly double _number;
    private readonly JsonTokenType _kind;

    private FieldValue(double number) => (_kind, _number) = (JsonTokenType.Number, number);

    private FieldValue(string text) => (_kind, _text) = (JsonTokenType.String, text);

    private FieldValue(bool flag) => _kind = flag ? JsonTokenType.True : JsonTokenType.False;

    private FieldValue(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        _kind = reader.TokenType;
        _json = json;
        if (_kind == JsonTokenType.Number && !reader.TryGetDouble(out _number))
            _kind = JsonTokenType.None;
    }

    public bool Exists => _kind is not (JsonTokenType.None or JsonTokenType.Null);

    public bool IsNumber => _kind == JsonTokenType.Number;

    public double Number => _number;

    public bool Is(bool flag) => _kind == (flag ? JsonTokenType.True : JsonTokenType.False);

    public bool Is(string text)
    {
        if (_kind != JsonTokenType.String)
            return false;
        if (_text is not null)
            return string.Equals(_text, text, StringComparison.Ordinal);
        var reader = new Utf8JsonReader(_json);
        reader.Read();
        return reader.ValueTextEquals(text);
    }

    /// <param name="name">The trait's name, the purpose of a consent, or first or last.</param>
    /// <param name="channel">Of a consent; of an acquisition the part.</param>
    public static FieldValue Of(CustomerField field, string name, string channel, CustomerState state, ProgramDocument program, long nowMs)
    {
        switch (field)
        {
            case CustomerField.Phase:
                return PhaseWords.Of(StandingAt(state, program, nowMs).Phase) is { Length: > 0 } phase ? new(phase) : default;
            case CustomerField.Tier:
                return program.Loyalty.Tiers.NameOf(state.Loyalty?.Outlook.Tier.Level ?? 0) is { Length: > 0 } tier ? new(tier) : default;
            case CustomerField.Owner:
                return state.Owner.Length > 0 ? new(state.Owner) : default;
            case CustomerField.Trait:
                return state.Traits is { } traits && Traits.Find(traits, name) is >= 0 and var place ? new(traits[place].Value) : default;
            case CustomerField.Consent:
                return new(Consents.IsGranted(state, program, name, channel));
            case CustomerField.Acquisition:
                var touch = name == "first" ? state.Acquisition?.First : state.Acquisition?.Last;
                return touch?[channel] is { Length: > 0 } part ? new(part) : default;
            default:
                return TryGetNumber(field, state, program, nowMs, out var number) ? new(number) : default;
        }
    }

    public static Standing StandingAt(CustomerState state, ProgramDocument program, long nowMs) =>
        nowMs <= state.NewestMs ? state.Standing : Standing.At(state, program, nowMs);

    /// <returns>False where the customer has none.</returns>
    public static bool TryGetNumber(CustomerField field, CustomerState state, ProgramDocument program, long nowMs, out double number)
    {
        number = 0;
        switch (field)
        {
            case CustomerField.Balance:
                number = (state.Ledger?[PointsAccount.Available] ?? 0) + (state.Ledger?[PointsAccount.Held] ?? 0);
                return true;
            case CustomerField.Orders:
                number = state.OrderCount;
                return true;
            case CustomerField.OpenAlerts:
                number = ChurnAlerts.CountOpen(state);
                return true;
            case CustomerField.Revenue or CustomerField.AverageOrder or CustomerField.Clv:
                return TryGetAmount(field, state, program, nowMs, out number);
            case CustomerField.Risk or CustomerField.ProbabilityAlive:
                if (state.Purchases.Purchases == 0)
                    return false;
                number = field == CustomerField.Risk
                    ? ChurnInstants.RiskAt(state.Purchases, program.ChurnOf(state), nowMs)
                    : program.ChurnOf(state).Model.ProbabilityAlive(state.Purchases.History, ChurnInstants.SilenceAt(state.Purchases, nowMs));
                return true;
            case CustomerField.DaysSinceOrder:
                number = UtcDay.Of(Math.Max(0, nowMs - state.Purchases.LastMs));
                return state.Purchases.Purchases > 0;
            case CustomerField.DaysSinceFirstSeen:
                number = UtcDay.Of(Math.Max(0, nowMs - state.FirstSeenMs));
                return state.Events > 0;
            default:
                return TryGetScore(state, field, out number);
        }
    }

    private static bool TryGetAmount(CustomerField field, CustomerState state, ProgramDocument program, long nowMs, out double number)
    {
        var value = CustomerValue.Of(state, program);
        var micros = field switch
        {
            CustomerField.Revenue => value.RevenueMicros,
            CustomerField.AverageOrder => Rendering.ToCents(value.AverageOrderMicros),
            _ => value.ExpectedMicros(state, program, nowMs, Weeks.FromDays(ValueDays)),
        };
        number = micros / 1e6;
        return value.Currency == program.Currency;
    }

    /// <summary>The newest answer, on the survey's own scale.</summary>
    private static bool TryGetScore(CustomerState state, CustomerField field, out double score)
    {
        score = 0;
        var kind = field switch
        {
            CustomerField.Csat => FeedbackKind.Csat,
            CustomerField.Nps => FeedbackKind.Nps,
            CustomerField.Ces => FeedbackKind.Ces,
            _ => FeedbackKind.Review,
        };
        for (var i = (state.Feedback?.Answers.Count ?? 0) - 1; i >= 0; i--)
        {
            if (state.Feedback!.Answers[i].Kind != kind)
                continue;
            score = state.Feedback.Answers[i].Score;
            return true;
        }

        return false;
    }
}
