using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansCrm.Server.Storefront;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Storefront;

public sealed class StorefrontVerbTests
{
    private const int NoProcess = int.MaxValue;

    [Fact]
    public async Task Batch_that_was_not_taken_is_sent_again_as_it_was()
    {
        using var stop = new CancellationTokenSource();
        var bodies = new ConcurrentQueue<(string Key, string Body)>();
        await using var server = await StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            bodies.Enqueue((context.Request.Headers.Authorization.ToString(), await reader.ReadToEndAsync()));
            if (bodies.Count == 3)
                await stop.CancelAsync();
            context.Response.StatusCode = bodies.Count == 1 ? 503 : 200;
            context.Response.Headers.RetryAfter = "0";
        });

        var code = await RunAsync(Options(AddressOf(server)), stop.Token);

        Assert.Equal(0, code);
        var sent = bodies.ToArray();
        Assert.Equal(sent[0], sent[1]);
        Assert.NotEqual(sent[1], sent[2]);
        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("key:")), sent[0].Key);
    }

    [Fact]
    public async Task Key_that_is_refused_ends_it()
    {
        await using var server = await StartAsync(context =>
        {
            context.Response.StatusCode = 401;
            return Task.CompletedTask;
        });

        Assert.Equal(1, await RunAsync(Options(AddressOf(server)), CancellationToken.None));
    }

    [Fact]
    public async Task Server_that_stays_away_ends_it()
    {
        var nobody = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");

        Assert.Equal(1, await RunAsync(Options(nobody) with { GiveUpAfter = TimeSpan.FromSeconds(1) }, CancellationToken.None));
    }

    [Fact]
    public async Task End_of_its_parent_ends_it()
    {
        await using var server = await StartAsync(_ => Task.CompletedTask);

        Assert.Equal(0, await RunAsync(Options(AddressOf(server)) with { ParentProcess = NoProcess }, CancellationToken.None));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(double.NaN)]
    [InlineData(StorefrontOptions.RateMax + 1)]
    public async Task Rate_out_of_range_is_refused(double rate)
    {
        Assert.Equal(2, await RunAsync(Options(new Uri("http://localhost")) with { Rate = rate }, CancellationToken.None));
    }

    private static StorefrontOptions Options(Uri address) => new() { Url = address, WriteKey = "key", Rate = 1_000, Seed = 1 };

    private static Task<int> RunAsync(StorefrontOptions options, CancellationToken cancellation) =>
        StorefrontVerb.RunAsync(options, TimeProvider.System, TextWriter.Null, cancellation);

    private static async Task<WebApplication> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.Map("/v1/batch", answer);
        await server.StartAsync();
        return server;
    }

    private static Uri AddressOf(WebApplication server) =>
        new(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
}
