using System.Globalization;
using System.Text.Json;

namespace OrleansCrm.Engagement.Alerts;

/// <summary>Why an alert stands, in numbers. Follows from the facts alone, and says the same in words.</summary>
/// <param name="RaisedAtMs">When it came about, however late it was learnt.</param>
/// <param name="ValueMicros">Revenue expected over the next twelve months from then on.</param>
internal abstract record AlertCase(long RaisedAtMs, AlertSeverity Severity, long ValueMicros, string Currency)
{
    public abstract string TitleOf(string name);

    /// <summary>The items of a list of reasons: code, text and number.</summary>
    public abstract void WriteReasons(Utf8JsonWriter json);

    protected void WriteValue(Utf8JsonWriter json) => WriteReason(
        json, "revenue_at_risk", Say($"{Currency} {ValueMicros / 1_000_000m:#,0} expected over 12 months at risk"), ValueMicros / 1e6);

    protected static void WriteReason(Utf8JsonWriter json, string code, string text, double value)
    {
        json.WriteStartObject();
        json.WriteString("code", code);
        json.WriteString("text", text);
        json.WriteNumber("value", value);
        json.WriteEndObject();
    }

    protected static double Rounded(double value, double scale) => Math.Floor(value * scale + 0.5) / scale;

    protected static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
