using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Tests.Http;

public sealed class UnavailableTests
{
    private readonly List<Exception?> _logged = [];

    [Fact]
    public async Task Mistake_of_ours_that_looks_like_a_grain_on_its_way_is_logged()
    {
        var mistake = new InvalidOperationException("Sequence contains no elements");

        Assert.Equal(503, await GuardAsync(() => throw mistake));

        Assert.Equal([mistake], _logged);
    }

    [Fact]
    public async Task Grain_that_gives_no_answer_is_not_logged_with_every_request()
    {
        Assert.Equal(503, await GuardAsync(() => throw new TimeoutException()));

        Assert.Empty(_logged);
    }

    [Fact]
    public async Task Any_other_failure_is_left_to_whoever_reports_those() =>
        await Assert.ThrowsAsync<FormatException>(() => GuardAsync(() => throw new FormatException()));

    private async Task<int> GuardAsync(Func<Task> answer)
    {
        await using var services = new ServiceCollection().AddLogging(logging => logging.AddProvider(new Recorder(_logged))).BuildServiceProvider();
        var context = new DefaultHttpContext { RequestServices = services };
        await Unavailable.GuardAsync(context, answer);
        return context.Response.StatusCode;
    }

    private sealed class Recorder(List<Exception?> logged) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            logged.Add(exception);

        public void Dispose()
        {
        }
    }
}
