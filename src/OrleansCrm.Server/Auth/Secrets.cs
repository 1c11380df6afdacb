using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace OrleansCrm.Server.Auth;

/// <summary>Random secrets and the form they are stored in. With 256 random bits a plain SHA-256 cannot be searched backwards.</summary>
internal static class Secrets
{
    public static string Create(string prefix) => prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static string CreateId() => Guid.CreateVersion7().ToString("N");

    public static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
