namespace OrleansCrm.Server.Alerts;

/// <summary>Names of desks. Every name that is asked for costs a grain, so not everything is one.</summary>
internal static class DeskNames
{
    public const string Rule = "The name of a desk has 1 to 64 letters, digits, dashes, dots or underscores.";

    private const int LengthMax = 64;

    public static bool IsValid(string? desk) =>
        desk is { Length: > 0 and <= LengthMax } && desk.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <summary>The key of the desk's grain, and the name of the group of its subscribers.</summary>
    public static string KeyOf(string tenant, string desk) => $"{tenant}/{desk}";
}
