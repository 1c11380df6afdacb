using System.Security.Cryptography;
using System.Text;

namespace OrleansCrm.Journal;

/// <summary>By what an erased customer is known: a hash without a key could be tried out against every address there is.</summary>
public static class CustomerHash
{
    /// <summary>128 bits of HMAC-SHA-256.</summary>
    /// <param name="hashKey"><see cref="JournalIdentity.HashKey"/>.</param>
    /// <param name="customer">Canonical key.</param>
    public static Guid Of(string hashKey, string customer)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(hashKey), Encoding.UTF8.GetBytes(customer), hash);
        return new Guid(hash[..16], bigEndian: true);
    }
}
