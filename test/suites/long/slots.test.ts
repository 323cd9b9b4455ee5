import { timeZones } from '../../../lib/units';
import { faultsOf, monthlySet, weeklySet, window } from '../../plan/slots/property';
import { inTurn } from '../turn';

/** Every zone of the time-zone database (in turns, where those are), windows over the hours at which clocks change, ten years of dates. */
test.each(inTurn(timeZones()))('starts in %s exist, once, and lie in the window', (zone) => {
  const faults = [
    ...faultsOf('orders', weeklySet(20), window(120, 240, zone), 2035),
    ...faultsOf('documents', weeklySet(20), window(23 * 60, 300, zone), 2035),
    ...faultsOf('archive', monthlySet(20), window(60, 180, zone), 2035),
    ...faultsOf('books', monthlySet(20), window(23 * 60, 300, zone), 2035),
  ];
  expect(faults).toEqual([]);
});
