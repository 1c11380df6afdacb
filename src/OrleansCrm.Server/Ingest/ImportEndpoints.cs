using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Ingest;

/// <summary>Lets an importer on another machine say when its history starts and ends.</summary>
internal static class ImportEndpoints
{
    private const int NameLengthMax = 200;

    public static void MapImports(this IEndpointRouteBuilder routes)
    {
        var imports = routes.MapGroup("/v1/imports/{name}").RequireAuthorization(Policies.AdminKey);
        imports.MapGet("", (HttpContext context, string name, ImportLedger ledger) => ShowAsync(context, name, ledger));
        imports.MapGet("/pending", (HttpContext context, string name, ImportLedger ledger) => CountAsync(context, name, ledger));
        imports.MapPost("/start", (HttpContext context, string name, ImportLedger ledger) => StartAsync(context, name, ledger));
        imports.MapPost("/renew", (HttpContext context, string name, ImportLedger ledger) => TellAsync(context, name, ledger, () => ledger.RenewAsync(Of(context, name))));
        imports.MapPost("/end", (HttpContext context, string name, ImportLedger ledger) => TellAsync(context, name, ledger, () => ledger.EndAsync(Of(context, name))));
    }

    private static Task ShowAsync(HttpContext context, string name, ImportLedger ledger) =>
        OfKnownAsync(context, name, ledger, status => WriteAsync(context, name, status));

    private static Task CountAsync(HttpContext context, string name, ImportLedger ledger) => OfKnownAsync(context, name, ledger, async _ =>
    {
        var left = await ledger.CountUnsettledAsync(context.User.Tenant());
        await JsonBodies.WriteAsync(
            context, 200, new { pending = left.Total, overdueWakes = left.OverdueWakes, undeliveredOutcomes = left.UndeliveredOutcomes });
    });

    private static Task StartAsync(HttpContext context, string name, ImportLedger ledger) => GuardAsync(context, name, async () =>
    {
        if (await JsonBodies.ReadAsync<JsonObject>(context) is not { } decided)
            return;
        if (IsText(decided))
            await WriteAsync(context, name, await ledger.StartAsync(Of(context, name), decided));
        else
            await Problems.WriteAsync(context, 400, "invalid_json", "The body has a name twice, or a text that is no Unicode.");
    });

    // An object is looked at only when it is used: names that stand twice, and halves of surrogate pairs.
    private static bool IsText(JsonObject fields)
    {
        try
        {
            return fields.Count >= 0 && fields.ToJsonString().Length > 0;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or JsonException)
        {
            return false;
        }
    }

    private static Task TellAsync(HttpContext context, string name, ImportLedger ledger, Func<Task> tell) =>
        OfKnownAsync(context, name, ledger, async _ =>
        {
            await tell();
            await WriteAsync(context, name, await ledger.StatusAsync(Of(context, name)));
        });

    private static Task OfKnownAsync(HttpContext context, string name, ImportLedger ledger, Func<ImportStatus, Task> answer) =>
        GuardAsync(context, name, async () =>
        {
            var status = await ledger.StatusAsync(Of(context, name));
            if (status.IsKnown)
                await answer(status);
            else
                await Problems.WriteAsync(context, 404, "import_not_found", "There is no such import.");
        });

    private static string Of(HttpContext context, string name) => ImportName.Of(context.User.Tenant(), name);

    private static Task WriteAsync(HttpContext context, string name, ImportStatus status) => JsonBodies.WriteAsync(
        context,
        200,
        new { name, running = status.IsRunning, payload = new RawJson(status.Payload.Length > 0 ? status.Payload : "{}"u8.ToArray()) });

    private static async Task GuardAsync(HttpContext context, string name, Func<Task> answer)
    {
        if (name.Length is 0 or > NameLengthMax || name.Any(char.IsControl))
        {
            await Problems.WriteAsync(context, 400, "invalid_name", $"The name of an import has 1 to {NameLengthMax} characters, none of them for control.");
            return;
        }

        await Unavailable.GuardAsync(context, answer);
    }
}
