namespace OrleansCrm.EmbeddedSilo;

internal static class StorageNames
{
    internal const string Default = "Default";
}
