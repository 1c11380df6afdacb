using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Server.Alerts;
using OrleansCrm.Server.Offers;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Access;

public sealed class AccessMatrixTests(AccessCast cast) : IClassFixture<AccessCast>
{
    private static readonly Who[] Callers = [.. Enum.GetValues<Who>().Where(who => int.PopCount((int)who) == 1)];

    private readonly TestServer _server = cast.Server;

    public static TheoryData<string> Routes => [.. AccessMatrix.Routes.Select(row => row.Route)];

    public static TheoryData<string> HubMethods => [.. AccessMatrix.HubMethods.Select(row => row.Method)];

    [Fact]
    public void Every_route_has_a_row_and_every_row_a_route()
    {
        var mapped = Endpoints().SelectMany(RoutesOf).Order(StringComparer.Ordinal).ToArray();
        var listed = AccessMatrix.Routes.Select(row => row.Route).Order(StringComparer.Ordinal).ToArray();

        Assert.Equal("", string.Join('\n', mapped.Except(listed)));
        Assert.Equal("", string.Join('\n', listed.Except(mapped)));
        Assert.Equal(listed.Distinct(), listed);
    }

    [Fact]
    public void Every_hub_method_has_a_row_and_every_row_a_method()
    {
        var methods = typeof(AlertsHub).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(method => method.GetBaseDefinition() == method && !method.IsSpecialName)
            .Select(method => method.Name);

        Assert.Equal(methods.Order(StringComparer.Ordinal), AccessMatrix.HubMethods.Select(row => row.Method).Order(StringComparer.Ordinal));

        // Customers call nothing.
        Assert.DoesNotContain(
            typeof(CustomerHub).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly),
            method => method.GetBaseDefinition() == method && !method.IsSpecialName);
    }

    [Fact]
    public void Every_endpoint_says_who_may_call_it()
    {
        var silent = Endpoints().Where(e => e.Metadata.GetMetadata<IAuthorizeData>() is null && e.Metadata.GetMetadata<IAllowAnonymous>() is null);

        Assert.Empty(silent.Select(e => e.RoutePattern.RawText));
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Each_caller_gets_what_is_its_own(string route)
    {
        var row = AccessMatrix.Routes.Single(r => r.Route == route);
        var wrong = new List<string>();
        foreach (var who in Callers)
        {
            var body = row.Body?.Replace("UNIQUE", Guid.NewGuid().ToString("N"));
            var method = new HttpMethod(row.Method == "*" ? "POST" : row.Method);
            var answer = await _server.SendAsync(method, await cast.PathOfAsync(row.Pattern, isLast: row.Method == "DELETE"), await cast.TokenOfAsync(who), body);
            var expected = ExpectedOf(row, who);
            if (!expected.Contains(answer.Status))
                wrong.Add($"{who} gets {answer.Status} instead of {string.Join(" or ", expected)}: {answer.Body}");
            else if (answer.Status is 401 or 403)
                Assert.NotEmpty(answer.Code);
            if (who is Who.ForeignAdmin or Who.ForeignKey && cast.Secrets.Any(answer.Body.Contains))
                wrong.Add($"{who} sees what belongs to another tenant: {answer.Body}");
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [MemberData(nameof(HubMethods))]
    public async Task Each_agent_may_call_each_hub_method_for_the_own_tenant(string method)
    {
        var arguments = AccessMatrix.HubMethods.Single(row => row.Method == method).Arguments;
        var own = Array.ConvertAll(arguments, argument => argument as string == "ALERT" ? cast.Alert : argument);
        foreach (var who in new[] { Who.Agent, Who.Supervisor, Who.Admin, Who.ForeignAdmin })
        {
            await using var hub = await HubSocket.ConnectAsync(_server.Address, (await cast.TokenOfAsync(who))!);
            var answer = await hub.InvokeAsync(method, own);
            if (who != Who.ForeignAdmin)
                Assert.DoesNotMatch("unauthorized|forbidden|not_found|does not exist|because of an error", answer);
            else if (arguments.Contains("ALERT"))
                Assert.Contains("not_found", answer);
            else
                Assert.DoesNotContain(cast.Secrets, answer.Contains);
        }
    }

    private static int[] ExpectedOf(AccessRow row, Who who)
    {
        if (row.IsIngest && who is Who.ForeignAdmin)
            return [401];
        var isForeign = who is Who.ForeignAdmin or Who.ForeignKey;
        var isAllowed = who switch
        {
            Who.ForeignAdmin => (row.Allowed & (Who.ForeignAdmin | Who.Admin)) != 0,
            Who.ForeignKey => (row.Allowed & (Who.ForeignKey | Who.Keys)) != 0,
            _ => row.Allowed.HasFlag(who),
        };
        if (isAllowed && isForeign && row.Allowed != Who.Everybody)
            return row.Foreign is { } status ? [status] : row.Pattern.Contains('{') ? [404] : row.Statuses;
        if (isAllowed)
            return row.Statuses;
        return row.IsIngest || who is Who.Anonymous or Who.BrowserKey or Who.ServerKey ? [401] : [403];
    }

    // A browser asks before it sends; that question carries no key, and its answer is the same for everybody.
    private static IEnumerable<string> RoutesOf(RouteEndpoint endpoint) =>
        (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : ["*"])
        .Where(method => method != HttpMethods.Options)
        .Select(method => $"{method} {endpoint.RoutePattern.RawText!.TrimEnd('/')}");

    private RouteEndpoint[] Endpoints() =>
        [.. _server.Engine.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];
}
