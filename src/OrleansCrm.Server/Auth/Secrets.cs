using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace OrleansCrm.Server.Auth;

/// <summary>Random secrets and the form they are stored in. With 256 random bits a plain SHA-256 cannot be searched backwards.</summary>
internal static class Secrets
{
    private const int StackBytes = 512;

    public static string Create(string prefix) => prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static string CreateId() => Guid.CreateVersion7().ToString("N");

    public static string HashOf(string secret)
    {
        var room = Encoding.UTF8.GetMaxByteCount(secret.Length);
        var utf8 = room <= StackBytes ? stackalloc byte[StackBytes] : new byte[room];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(secret, utf8)], hash);
        return Convert.ToHexStringLower(hash);
    }
}
