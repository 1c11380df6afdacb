namespace OrleansCrm.Server.Auth;

/// <summary>Remembers failed sign-ins by e-mail address, so that guessing one account's password takes for ever.</summary>
internal sealed class SignInGuard(SignInOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Failures>> _byEmail = new(StringComparer.OrdinalIgnoreCase);
    private readonly LinkedList<Failures> _oldestFirst = [];

    /// <summary>How long the address has to wait; null when it may try.</summary>
    public TimeSpan? LockedFor(string email)
    {
        lock (_lock)
        {
            if (!_byEmail.TryGetValue(email, out var node) || node.Value.Count < options.FailuresMax)
                return null;
            var left = node.Value.Last + options.LockoutTime - time.GetUtcNow();
            if (left > TimeSpan.Zero)
                return left;
            Forget(node);
            return null;
        }
    }

    public void AddFailure(string email)
    {
        lock (_lock)
        {
            var count = 1;
            if (_byEmail.TryGetValue(email, out var node))
            {
                count = node.Value.Last + options.LockoutTime > time.GetUtcNow() ? node.Value.Count + 1 : 1;
                Forget(node);
            }
            else if (_byEmail.Count >= options.AddressesMax)
            {
                Forget(_oldestFirst.First!);
            }

            _byEmail[email] = _oldestFirst.AddLast(new Failures(email, count, time.GetUtcNow()));
        }
    }

    public void Clear(string email)
    {
        lock (_lock)
        {
            if (_byEmail.TryGetValue(email, out var node))
                Forget(node);
        }
    }

    private void Forget(LinkedListNode<Failures> node)
    {
        _oldestFirst.Remove(node);
        _byEmail.Remove(node.Value.Email);
    }

    private sealed record Failures(string Email, int Count, DateTimeOffset Last);
}
