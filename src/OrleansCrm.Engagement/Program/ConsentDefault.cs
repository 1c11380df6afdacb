namespace OrleansCrm.Engagement.Program;

/// <summary>Whether customers who have said nothing may be addressed for a purpose on a channel.</summary>
/// <param name="Channel">A word, or <c>*</c> for every channel that has no line of its own.</param>
public sealed record ConsentDefault(string Purpose, string Channel, bool IsGranted);

/// <summary>What an agent can do about an alert.</summary>
/// <param name="Purpose">With <paramref name="Channel"/>: shown only while the customer has consented to it. Both empty: always shown.</param>
public sealed record SuggestedAction(string Text, string Purpose = "", string Channel = "");
