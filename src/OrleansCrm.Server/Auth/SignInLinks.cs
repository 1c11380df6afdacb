namespace OrleansCrm.Server.Auth;

/// <summary>Links that sign a user in once, without a password. They live in this process alone.</summary>
internal sealed class SignInLinks(SignInOptions options, TimeProvider time)
{
    private const int LinksMax = 100;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Email, DateTimeOffset Expires)> _byHash = new(StringComparer.Ordinal);

    /// <exception cref="InvalidOperationException">Too many links wait to be used.</exception>
    public string Create(string email)
    {
        var token = Secrets.Create("sl_");
        var now = time.GetUtcNow();
        lock (_lock)
        {
            foreach (var (hash, link) in _byHash.ToArray())
            {
                if (link.Expires <= now)
                    _byHash.Remove(hash);
            }

            if (_byHash.Count >= LinksMax)
                throw new InvalidOperationException("Too many sign-in links wait to be used.");
            _byHash.Add(Secrets.HashOf(token), (email, now + options.LinkLifetime));
        }

        return token;
    }

    /// <returns>The e-mail address that the link stands for, once; null ever after.</returns>
    public string? Redeem(string token)
    {
        lock (_lock)
            return _byHash.Remove(Secrets.HashOf(token), out var link) && link.Expires > time.GetUtcNow() ? link.Email : null;
    }
}
