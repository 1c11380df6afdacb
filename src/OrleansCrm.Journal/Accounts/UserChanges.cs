namespace OrleansCrm.Journal.Accounts;

/// <summary>What may be changed of a tenant's users, the same on every database.</summary>
internal static class UserChanges
{
    /// <param name="edit">Null: the user goes.</param>
    public static UserChange Judge(UserRow[] users, string id, UserEdit? edit, out UserRow? before, out UserRow? after)
    {
        before = Array.Find(users, user => user.Id == id);
        after = edit is null ? null : before?.With(edit);
        if (before is null)
            return UserChange.NotFound;
        var stays = after is { IsActiveAdmin: true } || !before.IsActiveAdmin;
        return stays || Array.Exists(users, user => user.Id != id && user.IsActiveAdmin) ? UserChange.Done : UserChange.LastAdmin;
    }

    public static bool EndsSessions(UserRow before, UserRow after) =>
        after.PasswordHash != before.PasswordHash || after.Role != before.Role || after.IsDisabled;
}
