using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Http;

public sealed class UnavailableTests
{
    private readonly LogRecorder _log = new();

    [Fact]
    public async Task Mistake_of_ours_that_looks_like_a_grain_on_its_way_is_logged()
    {
        var mistake = new InvalidOperationException("Sequence contains no elements");

        Assert.Equal(503, await GuardAsync(() => throw mistake));

        Assert.Same(mistake, Assert.Single(_log.Lines).Exception);
    }

    [Fact]
    public async Task Grain_that_gives_no_answer_is_not_logged_with_every_request()
    {
        Assert.Equal(503, await GuardAsync(() => throw new TimeoutException()));

        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Any_other_failure_is_left_to_whoever_reports_those() =>
        await Assert.ThrowsAsync<FormatException>(() => GuardAsync(() => throw new FormatException()));

    private async Task<int> GuardAsync(Func<Task> answer)
    {
        await using var services = new ServiceCollection().AddLogging(logging => logging.AddProvider(_log)).BuildServiceProvider();
        var context = new DefaultHttpContext { RequestServices = services };
        await Unavailable.GuardAsync(context, answer);
        return context.Response.StatusCode;
    }
}
