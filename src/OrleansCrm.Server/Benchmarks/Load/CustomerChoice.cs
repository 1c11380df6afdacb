using System.Globalization;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Server.Simulation;

namespace OrleansCrm.Server.Benchmarks.Load;

/// <summary>Draws customers, evenly or by Zipf's law with exponent 0.99 (as YCSB does): then one in a dozen events is the first customer's.</summary>
internal sealed class CustomerChoice
{
    /// <summary>Digits of a customer's number.</summary>
    public const int Digits = 7;

    public const int CustomersMax = 10_000_000;

    private const double Exponent = 0.99;
    private const int DrawnOnce = 1 << 20;

    private readonly int _customers;
    private readonly int[]? _drawn;
    private readonly bool _isInOrder;
    private int _next;

    public CustomerChoice(int customers, bool isSkewed)
    {
        _customers = customers;
        if (isSkewed)
            _drawn = Draw(customers);
    }

    private CustomerChoice(int customers)
    {
        _customers = customers;
        _isInOrder = true;
    }

    /// <summary>One customer after the other, for one caller.</summary>
    public static CustomerChoice InOrder(int customers) => new(customers);

    public static string IdOf(int number) => "c" + number.ToString("D7", CultureInfo.InvariantCulture);

    public int Next(SeededRandom random) =>
        _isInOrder ? _next++ % _customers
        : _drawn is null ? random.Below(_customers)
        : _drawn[random.Below(DrawnOnce)];

    // Drawn beforehand: a search through the distribution for every event would cost the load generator too much.
    private static int[] Draw(int customers)
    {
        var cumulative = new double[customers];
        var sum = 0.0;
        for (var i = 0; i < customers; i++)
            cumulative[i] = sum += Math.Pow(i + 1, -Exponent);
        var random = new SeededRandom(1);
        var drawn = new int[DrawnOnce];
        for (var i = 0; i < drawn.Length; i++)
        {
            var found = Array.BinarySearch(cumulative, random.Uniform() * sum);
            drawn[i] = Math.Min(found < 0 ? ~found : found, customers - 1);
        }

        return drawn;
    }
}
