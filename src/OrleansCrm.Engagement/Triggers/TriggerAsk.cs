using System.Text.Json;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Triggers;

/// <summary>What the fold asks a decision for.</summary>
/// <param name="Try">How often it was asked before, of the offer that is thought of now.</param>
/// <param name="Without">Offers, by the hash of their id, that were given up: of their budgets there was nothing, again and again.</param>
internal readonly record struct TriggerAsk(string Policy, long CauseMs, int Try, ulong[] Without)
{
    public byte[] ToJson()
    {
        var asked = this;
        return Rendering.Object(json => asked.Write(json));
    }

    public static TriggerAsk Read(byte[] payload)
    {
        using var parsed = JsonDocument.Parse(payload);
        return Read(parsed.RootElement);
    }

    public static TriggerAsk Read(JsonElement json) => new(
        json.GetProperty("trigger").GetString()!,
        json.GetProperty("cause").GetInt64(),
        json.TryGetProperty("try", out var tried) ? tried.GetInt32() : 0,
        json.TryGetProperty("without", out var without) ? [.. without.EnumerateArray().Select(offer => offer.GetUInt64())] : []);

    public void Write(Utf8JsonWriter json)
    {
        json.WriteString("trigger", Policy);
        json.WriteNumber("cause", CauseMs);
        if (Try > 0)
            json.WriteNumber("try", Try);
        if (Without.Length == 0)
            return;
        json.WriteStartArray("without");
        foreach (var offer in Without)
            json.WriteNumberValue(offer);
        json.WriteEndArray();
    }
}

/// <summary>
/// Of a budget nothing was to be had when a policy wanted to offer it. Its partition's slice may only not have asked yet, so the question is put
/// again, later each time; then the offer is given up for this cause.
/// </summary>
/// <param name="UntilMs">When it is asked again: Unix milliseconds, in whole seconds.</param>
public sealed record TriggerWait(long UntilMs, int Try, ulong[] Without)
{
    /// <summary>The last one is half a minute after the first.</summary>
    private const int TriesMax = 5;

    private const long FirstMs = 1_000;

    /// <param name="ask">As the fold sent it.</param>
    /// <returns>What is journaled; null when it was tried often enough.</returns>
    public static byte[]? After(byte[] ask, long nowMs)
    {
        var asked = TriggerAsk.Read(ask);
        return asked.Try == TriesMax ? null : Rendering.Object(json =>
        {
            json.WriteNumber("untilMs", UtcDay.CeilingSecond(nowMs + (FirstMs << asked.Try)));
            (asked with { Try = asked.Try + 1 }).Write(json);
        });
    }

    /// <summary>What is asked when the offer is given up.</summary>
    public static byte[] GiveUp(byte[] ask, ulong offer)
    {
        var asked = TriggerAsk.Read(ask);
        return (asked with { Try = 0, Without = [.. asked.Without, offer] }).ToJson();
    }

    internal static (string Policy, long CauseMs, TriggerWait Wait) Read(byte[] payload)
    {
        using var parsed = JsonDocument.Parse(payload);
        var asked = TriggerAsk.Read(parsed.RootElement);
        return (asked.Policy, asked.CauseMs, new TriggerWait(parsed.RootElement.GetProperty("untilMs").GetInt64(), asked.Try, asked.Without));
    }
}
