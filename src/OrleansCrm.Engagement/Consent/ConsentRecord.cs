namespace OrleansCrm.Engagement.Consent;

/// <summary>What the customer said last about one purpose and channel.</summary>
/// <param name="Channel">A word, or <see cref="Consents.EveryChannel"/>.</param>
/// <param name="TimeMs">When it was said.</param>
internal readonly record struct ConsentRecord(string Purpose, string Channel, bool IsGranted, long TimeMs);

/// <summary>What a purpose and channel stand at, by the customer's word or by the program's default.</summary>
/// <param name="SinceMs">When the customer said so; 0 for the program's default.</param>
public readonly record struct ConsentStanding(string Purpose, string Channel, bool IsGranted, long SinceMs);
