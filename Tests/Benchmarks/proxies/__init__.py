"""The proxies under comparison and the application behind them, one file each."""
