using OrleansCrm.Journal.Accounts;

namespace OrleansCrm.Server.Auth;

/// <summary>Signing in and out. A session is worth nothing once its user is gone, and its role is the user's role of now.</summary>
internal sealed class Sessions(
    IAccountStore store, Accounts accounts, KeyRing tenants, Audit audit, SignInGuard guard, SignInOptions options, TimeProvider time)
{
    private const string TokenPrefix = "st_";

    private readonly SemaphoreSlim _checking = new(options.ChecksAtOnceMax, options.ChecksAtOnceMax);

    // An unknown address costs the same time as a wrong password, so that the time does not tell who has an account.
    private readonly Lazy<UserRow> _decoy = new(() =>
    {
        var user = new UserRow("", "", "", "", Roles.Agent, 0);
        return user with { PasswordHash = new Microsoft.AspNetCore.Identity.PasswordHasher<UserRow>().HashPassword(user, Secrets.Create("")) };
    });

    private int _waiting;

    public async Task<SignIn> SignInAsync(string email, string password, CancellationToken cancellation)
    {
        if (guard.LockedFor(email) is { } wait)
            return new SignIn(SignInStatus.TooMany, RetryAfter: wait);
        if (Interlocked.Increment(ref _waiting) > options.ChecksWaitingMax)
        {
            Interlocked.Decrement(ref _waiting);
            return new SignIn(SignInStatus.TooMany, RetryAfter: TimeSpan.FromSeconds(2));
        }

        try
        {
            var user = await store.FindUserAsync(email, cancellation);
            await _checking.WaitAsync(cancellation);
            bool isPassword;
            try
            {
                isPassword = password.Length <= Accounts.PasswordLengthMax && accounts.IsPassword(user ?? _decoy.Value, password);
            }
            finally
            {
                _checking.Release();
            }

            if (user is null || !isPassword || !MaySignIn(user))
            {
                guard.AddFailure(email);

                // An address of nobody is no tenant's matter, and what people type there by mistake is often a password.
                if (user is not null)
                    await store.AddNoteAsync(audit.ByUser(user, AuditActions.SessionRefused), cancellation);
                return new SignIn(SignInStatus.Refused);
            }

            guard.Clear(email);
            return await OpenAsync(user, cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Opens a session for a user who has proved to be that user.</summary>
    public async Task<SignIn> OpenAsync(UserRow user, CancellationToken cancellation)
    {
        if (!MaySignIn(user))
            return new SignIn(SignInStatus.Refused);
        var token = Secrets.Create(TokenPrefix);
        var expires = time.GetUtcNow() + options.SessionLifetime;
        await store.AddSessionAsync(
            new SessionRow(Secrets.HashOf(token), user.Tenant, user.Id, user.Email, user.Role, expires.ToUnixTimeMilliseconds()),
            audit.ByUser(user, AuditActions.SessionOpened),
            cancellation);
        return new SignIn(SignInStatus.Done, token, (int)options.SessionLifetime.TotalSeconds, user.Role, user.Email);
    }

    /// <returns>Null for a token that opens nothing (any more).</returns>
    public async Task<SessionRow?> FindAsync(string token, CancellationToken cancellation) =>
        token.StartsWith(TokenPrefix, StringComparison.Ordinal) ? await FindByHashAsync(Secrets.HashOf(token), cancellation) : null;

    /// <returns>Null for a session that has ended.</returns>
    public async Task<SessionRow?> FindByHashAsync(string tokenHash, CancellationToken cancellation)
    {
        var session = await store.FindSessionAsync(tokenHash, cancellation);
        if (session is null || session.ExpiresMs <= time.GetUtcNow().ToUnixTimeMilliseconds())
            return null;
        var user = await store.FindUserAsync(session.Email, cancellation);
        return user?.Id == session.UserId && MaySignIn(user) ? session with { Role = user.Role } : null;
    }

    public Task SignOutAsync(string tokenHash, CancellationToken cancellation) => store.DeleteSessionAsync(tokenHash, cancellation);

    private bool MaySignIn(UserRow user) => !user.IsDisabled && tenants.IsOpen(user.Tenant);
}

internal enum SignInStatus
{
    Unknown = 0,
    Done = 1,
    Refused = 2,
    TooMany = 3,
}

internal sealed record SignIn(
    SignInStatus Status, string Token = "", int ExpiresInSeconds = 0, string Role = "", string Email = "", TimeSpan RetryAfter = default);
