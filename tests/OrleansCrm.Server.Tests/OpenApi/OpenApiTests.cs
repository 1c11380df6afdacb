using System.Text.Json.Nodes;
using OrleansCrm.Server.Tests.Access;
using OrleansCrm.Server.Tests.Alerts;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Interop;

namespace OrleansCrm.Server.Tests.OpenApi;

public sealed class OpenApiTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    /// <summary>That the matrix knows every route of the server is a test of its own.</summary>
    [Fact]
    public void Every_route_is_described_and_nothing_else()
    {
        var routes = AccessMatrix.Routes.Select(row => row.Route).Where(route => !route.Contains(" /hubs/")).ToArray();

        Assert.Equal("", string.Join('\n', routes.Except(Contract.Operations)));
        Assert.Equal("", string.Join('\n', Contract.Operations.Except(routes)));
    }

    [Fact]
    public async Task Operations_have_names_of_their_own_and_every_reference_leads_somewhere()
    {
        var document = JsonNode.Parse((await _server.GetAsync("/openapi/v1.json", null)).Body)!.AsObject();
        var names = document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject()).Select(o => (string?)o.Value!["operationId"]).ToArray();

        Assert.All(names, name => Assert.NotNull(name));
        Assert.Equal(names.Distinct(), names);
        AssertResolved(document, document);
    }

    [Fact]
    public async Task Document_needs_a_key_from_elsewhere()
    {
        static void FromElsewhere(HttpRequestMessage request) => request.Headers.Add("X-Forwarded-For", "203.0.113.7");

        Assert.Equal(200, (await _server.GetAsync("/openapi/v1.json", null)).Status);
        Assert.Equal(401, (await _server.SendAsync(HttpMethod.Get, "/openapi/v1.json", null, null, FromElsewhere)).Status);
        Assert.Equal(200, (await _server.SendAsync(HttpMethod.Get, "/openapi/v1.json", TestServer.ApiKey, null, FromElsewhere)).Status);
    }

    [NodeFact]
    [Trait("Needs", "npm")]
    public async Task Validator_accepts_the_document()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, (await _server.GetAsync("/openapi/v1.json", null)).Body);

            Assert.Equal("valid 3.1\n", await NodeScript.RunAsync("validate-openapi.mjs", file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void AssertResolved(JsonObject document, JsonNode? node)
    {
        if (node is JsonObject members)
        {
            if (members["$ref"] is not null)
                Schema.Resolve(document, members);
            foreach (var (_, member) in members)
                AssertResolved(document, member);
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items)
                AssertResolved(document, item);
        }
    }
}
