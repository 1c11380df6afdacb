using System.Net.Mail;
using Microsoft.AspNetCore.Identity;
using OrleansCrm.Journal.Accounts;

namespace OrleansCrm.Server.Auth;

internal static class Roles
{
    public const string Admin = "admin";
    public const string Supervisor = "supervisor";
    public const string Agent = "agent";

    public static readonly string[] All = [Admin, Supervisor, Agent];
}

/// <summary>The people who sign in.</summary>
internal sealed class Accounts(IAccountStore store, TimeProvider time)
{
    /// <summary>Shortest password. Long ones beat odd ones, and this is what a person can still be told.</summary>
    public const int PasswordLengthMin = 12;

    /// <summary>Longest password: hashing time grows with it.</summary>
    public const int PasswordLengthMax = 256;

    private const int EmailLengthMax = 254;

    private readonly PasswordHasher<UserRow> _hasher = new();

    public static bool IsEmail(string email) =>
        email.Length <= EmailLengthMax
        && email.All(c => c > ' ' && c != '\x7f')
        && MailAddress.TryCreate(email, out var address)
        && address.Address == email;

    /// <summary>Why nobody should have this password; null when it will do.</summary>
    public static string? PasswordFault(string password, string email) => password switch
    {
        { Length: < PasswordLengthMin } => $"a password has at least {PasswordLengthMin} characters",
        { Length: > PasswordLengthMax } => $"a password has at most {PasswordLengthMax} characters",
        _ when string.Equals(password, email, StringComparison.OrdinalIgnoreCase) => "a password differs from the e-mail address",
        _ => null,
    };

    /// <param name="note">Of the id.</param>
    /// <returns>Null when the address is taken.</returns>
    public async Task<UserRow?> AddAsync(
        string tenant, string email, string password, string role, Func<string, AuditNote> note, CancellationToken cancellation)
    {
        var user = new UserRow(Secrets.CreateId(), tenant, email, "", role, time.GetUtcNow().ToUnixTimeMilliseconds());
        user = user with { PasswordHash = HashOf(user, password) };
        return await store.AddUserAsync(user, note(user.Id), cancellation) ? user : null;
    }

    public string HashOf(UserRow user, string password) => _hasher.HashPassword(user, password);

    public bool IsPassword(UserRow user, string password) =>
        _hasher.VerifyHashedPassword(user, user.PasswordHash, password) != PasswordVerificationResult.Failed;
}
