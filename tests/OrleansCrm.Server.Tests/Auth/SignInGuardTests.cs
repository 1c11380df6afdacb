using OrleansCrm.Server.Auth;

namespace OrleansCrm.Server.Tests.Auth;

public sealed class SignInGuardTests
{
    private readonly SteppedTime _time = new();
    private readonly SignInOptions _options = new() { FailuresMax = 3, AddressesMax = 100 };

    [Fact]
    public void Lock_ends_by_itself()
    {
        var guard = new SignInGuard(_options, _time);
        Fail(guard, "a", 3);

        Assert.Equal(TimeSpan.FromMinutes(5), guard.LockedFor("A"));
        _time.Step(TimeSpan.FromMinutes(5));
        Assert.Null(guard.LockedFor("a"));
        Fail(guard, "a", 2);
        Assert.Null(guard.LockedFor("a"));
    }

    [Fact]
    public void Old_failures_are_forgotten()
    {
        var guard = new SignInGuard(_options, _time);
        Fail(guard, "a", 2);
        _time.Step(TimeSpan.FromMinutes(6));
        Fail(guard, "a", 2);

        Assert.Null(guard.LockedFor("a"));
    }

    [Fact]
    public void Success_clears_the_count()
    {
        var guard = new SignInGuard(_options, _time);
        Fail(guard, "a", 2);
        guard.Clear("a");
        Fail(guard, "a", 2);

        Assert.Null(guard.LockedFor("a"));
    }

    [Fact]
    public void Memory_of_addresses_is_bounded_and_loses_the_oldest()
    {
        var guard = new SignInGuard(_options, _time);
        Fail(guard, "first", 3);
        for (var i = 0; i < 100; i++)
            Fail(guard, "other-" + i, 3);

        Assert.Null(guard.LockedFor("first"));
        Assert.NotNull(guard.LockedFor("other-0"));
    }

    private static void Fail(SignInGuard guard, string email, int times)
    {
        for (var i = 0; i < times; i++)
            guard.AddFailure(email);
    }

    private sealed class SteppedTime : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Step(TimeSpan by) => _now += by;
    }
}
