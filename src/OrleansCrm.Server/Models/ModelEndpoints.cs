using System.Buffers;
using System.Text.Json;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Models;

/// <summary>Fitting the purchase model to the tenant's own customers.</summary>
internal static class ModelEndpoints
{
    public static void MapModels(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/models/fit", FitAsync).RequireAuthorization(Policies.Program);

    private static async Task FitAsync(HttpContext context, ModelFitting fitting)
    {
        if (await JsonBodies.ReadBytesAsync(context) is not { } body)
            return;
        if (Read(body) is not { } asked)
        {
            await Problems.WriteAsync(
                context, 400, "invalid_request", $"A body names \"model\" ({string.Join(", ", FitRequest.Models)}), \"calibrate\", \"bySegment\" and \"publish\" (true or false), \"segmentCustomersMin\" ({FitRequest.SegmentCustomersLeast} to {FitRequest.SegmentCustomersMost}), or is left out.");
            return;
        }

        await Unavailable.GuardAsync(context, async () =>
        {
            var outcome = await fitting.FitAsync(context.User.Tenant(), asked.Request, asked.Publish, context.RequestAborted);
            if (outcome.Refusal is { } refusal)
                await Problems.WriteAsync(context, 409, refusal, ModelFitting.DetailOf(refusal), null, outcome.Fit is { } fit ? json => WriteFit(json, fit) : null);
            else
                await JsonBodies.WriteRawAsync(context, 200, Render(outcome));
        });
    }

    private static (FitRequest Request, bool Publish)? Read(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
            return (FitRequest.Default, false);
        try
        {
            var asked = JsonSerializer.Deserialize<FitBody>(body.Span, JsonSerializerOptions.Web);
            var request = new FitRequest(asked?.Model ?? FitRequest.Default.Model, asked?.Calibrate ?? true, asked?.BySegment)
            {
                SegmentCustomersMin = asked?.SegmentCustomersMin ?? FitRequest.Default.SegmentCustomersMin,
            };
            return asked is not null && request.IsValid ? (request, asked.Publish ?? false) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void WriteFit(Utf8JsonWriter json, ModelFit fit)
    {
        json.WritePropertyName("fit");
        json.WriteStartObject();
        FitReport.WriteMembers(json, fit);
        json.WriteEndObject();
    }

    private static ReadOnlyMemory<byte> Render(FitOutcome outcome)
    {
        var buffer = new ArrayBufferWriter<byte>(16_384);
        using (var json = new Utf8JsonWriter(buffer))
            FitReport.Write(json, outcome.Fit!, outcome.Published);
        return buffer.WrittenMemory;
    }

    private sealed record FitBody(string? Model, bool? Calibrate, bool? BySegment, int? SegmentCustomersMin, bool? Publish);
}
