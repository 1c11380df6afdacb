namespace OrleansCrm.Server.Backtest;

/// <summary>What a customer bought on one day; several purchases of a day are one, as the models count.</summary>
internal readonly record struct PurchaseDay(DateOnly Day, double Amount);

/// <summary>A customer's purchase days, rising.</summary>
internal sealed record Buyer(string Id, PurchaseDay[] Days);
