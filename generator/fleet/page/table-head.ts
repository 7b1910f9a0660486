/** The table's header: a button for each column, which sorts by it, and once more the other way. */
import { button, element } from './elements.ts'
import { columns, directionOf, type Order } from './node-order.ts'

/** Makes the header. @returns the header, and what marks the order that holds */
export function tableHead(choose: (order: Order) => void) {
  let order: Order
  const row = element('tr')
  row.setAttribute('role', 'row')
  row.setAttribute('aria-rowindex', '1')
  const headers = columns.map(({ key, title }) => {
    const sort = () => choose({ column: key, isReversed: order.column === key && !order.isReversed })
    const header = element('th', key, button('sort', sort, title))
    header.scope = 'col'
    header.setAttribute('role', 'columnheader')
    row.append(header)
    return { key, header }
  })
  const head = element('thead', '', row)
  head.setAttribute('role', 'rowgroup')
  const mark = (holds: Order) => {
    order = holds
    for (const { key, header } of headers)
      if (key === order.column) header.setAttribute('aria-sort', directionOf(order))
      else header.removeAttribute('aria-sort')
  }
  return { head, mark }
}
