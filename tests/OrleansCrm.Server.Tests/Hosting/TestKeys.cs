namespace OrleansCrm.Server.Tests.Hosting;

/// <summary>What servers are given that tests start.</summary>
internal static class TestKeys
{
    public const string WriteKey = "write-key-of-the-test";
    public const string ApiKey = "api-key-of-the-test";
    public const string AdminEmail = "admin@shop.example";
    public const string AdminPassword = "correct horse battery";
}
