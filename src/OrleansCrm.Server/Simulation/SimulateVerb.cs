using System.Text.Json;
using OrleansCrm.Server.Import;

namespace OrleansCrm.Server.Simulation;

/// <summary>The verb <c>simulate</c>: writes an invented history and the truth behind it.</summary>
internal static class SimulateVerb
{
    private const int BufferBytes = 1 << 20;

    /// <returns>Exit code: 0 done, 1 a file could not be written, 2 bad options.</returns>
    public static Task<int> RunAsync(SimulateOptions options, TimeProvider time, TextWriter error, CancellationToken cancellation)
    {
        if (options.FindFault() is { } fault)
        {
            error.WriteLine(fault);
            return Task.FromResult(2);
        }

        try
        {
            var endMs = (options.End ?? time.GetUtcNow()).ToUnixTimeSeconds() * 1000;
            var history = SimulatedHistory.Draw(options, endMs);
            cancellation.ThrowIfCancellationRequested();
            using (var output = options.Out is null ? Console.OpenStandardOutput() : Create(options.Out))
            using (var buffered = new BufferedStream(output, BufferBytes))
                history.Write(buffered);
            var truth = options.Truth ?? (options.Out is null ? null : options.Out + ".truth");
            if (truth is not null)
            {
                using var output = Create(truth);
                WriteTruth(history, output);
            }

            error.WriteLine($"{history.Events:#,0} events of {history.Customers.Length:#,0} customers"
                + (truth is null ? "" : $"; the truth about them is in {truth}"));
            return Task.FromResult(0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            error.WriteLine(e.Message);
            return Task.FromResult(1);
        }
    }

    /// <summary>One customer a line.</summary>
    public static void WriteTruth(SimulatedHistory history, Stream output)
    {
        using var json = new Utf8JsonWriter(output, StorefrontEventWriter.WriterOptions);
        foreach (var customer in history.Customers)
        {
            json.WriteStartObject();
            json.WriteString("customerId", history.UserId(customer.Number));
            json.WriteNumber("purchasesPerWeek", customer.Rate);
            json.WriteNumber("dropoutProbability", customer.Dropout);
            json.WriteBoolean("aliveAtEnd", customer.DiedMs is null);
            if (customer.DiedMs is { } died)
                json.WriteString("diedAt", IsoText.Of(died));
            else
                json.WriteNull("diedAt");
            json.WriteNumber("purchases", customer.PurchasesMs.Length);
            json.WriteString("firstPurchaseAt", IsoText.Of(customer.PurchasesMs[0]));
            json.WriteString("lastPurchaseAt", IsoText.Of(customer.PurchasesMs[^1]));
            json.WriteNumber("revenue", new decimal(customer.BoughtCents - customer.RefundedCents) / 100);
            json.WriteNumber("refunded", new decimal(customer.RefundedCents) / 100);
            json.WriteEndObject();
            json.Flush();
            json.Reset();
            output.WriteByte((byte)'\n');
        }
    }

    private static FileStream Create(string path) => new(path, FileMode.Create, FileAccess.Write, FileShare.Read, BufferBytes);
}
