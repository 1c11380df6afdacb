using System.Text;
using OrleansCrm.Server.Auth;

namespace OrleansCrm.Server.Ingest;

/// <summary>Who may send events, and as which source.</summary>
internal sealed class IngestKeys(KeyRing keys)
{
    /// <summary>Longest Authorization header looked at.</summary>
    private const int HeaderLengthMax = 1_024;

    /// <summary>The key in an Authorization header: the user name of Basic, or the token of Bearer. Null when it holds neither.</summary>
    public static string? KeyIn(string? header)
    {
        if (header is null or { Length: > HeaderLengthMax })
            return null;
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return NullIfEmpty(header["Bearer ".Length..].Trim());
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
            return null;
        Span<byte> decoded = stackalloc byte[HeaderLengthMax];
        if (!Convert.TryFromBase64String(header["Basic ".Length..].Trim(), decoded, out var length))
            return null;
        var user = decoded[..length];
        var colon = user.IndexOf((byte)':');
        return NullIfEmpty(Encoding.UTF8.GetString(colon < 0 ? user : user[..colon]));
    }

    /// <returns>Null for a key that may not send events.</returns>
    public IngestOrigin? Find(string? key, bool isImport)
    {
        if (string.IsNullOrEmpty(key))
            return null;
        return keys.Find(key) switch
        {
            { Kind: KeyKinds.ServerWrite } write => new IngestOrigin(write.Tenant, IngestOrigin.ServerSource) { KeyId = write.Id },
            { Kind: KeyKinds.BrowserWrite } write => new IngestOrigin(write.Tenant, IngestOrigin.BrowserSource) { KeyId = write.Id },
            { Kind: KeyKinds.Api } api when isImport && api.Scopes.Contains(Scopes.Admin) => new IngestOrigin(api.Tenant, IngestOrigin.ImportSource),
            _ => null,
        };
    }

    private static string? NullIfEmpty(string text) => text.Length > 0 ? text : null;
}
